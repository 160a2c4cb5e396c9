package gate

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
	"github.com/dirbench/dirbench/runner/store"
)

// metrics compares all metrics of a cell, and adds one row if some of them have too few seeds: on the runs' side that
// fails.
func (c *check) metrics(cell Cell, runs []store.Run) {
	untested, all, verdict := 0, 0, NotTested
	for _, m := range slices.Sorted(maps.Keys(cell.Metrics)) {
		for _, region := range metrics.Regions {
			old, ok := cell.Metrics[m][region]
			if !ok {
				continue
			}
			all++
			if c.metric(cell, m, region, old, runs) {
				continue
			}
			untested++
			if old.N >= c.opts.MinSeeds {
				verdict = FewSeeds
			}
		}
	}
	if untested > 0 {
		what := fmt.Sprintf("%d of %d metrics", untested, all)
		c.addState(cell.Key, what, seeds(cell.Seeds()), seeds(len(runs)), verdict)
	}
}

// metric compares a metric of a cell in one region; ok is false if it has too few seeds. A run without the value is
// worse than any with one: a network that predicts a constant, whose correlation is undefined.
func (c *check) metric(cell Cell, m metrics.Metric, region datasets.Region, old Sample, runs []store.Run) (ok bool) {
	now := newSample(values(runs, m, region))
	row := Row{Cell: c.name(cell.Key), Metric: string(m), Region: region.String(), Baseline: old.String(),
		Now: now.String(), Change: metrics.Undefined(), P: metrics.Undefined(), Adjusted: metrics.Undefined()}
	if now.N < len(runs) && old.N >= cell.Seeds() {
		row.Now = fmt.Sprintf("%s, undefined in %d", row.Now, len(runs)-now.N)
		row.Test, row.Verdict = Exact, Vanished
		c.add(row)
		return true
	}
	tested, ok := compare(m, old, now, c.opts.MinSeeds)
	if !ok {
		return false
	}
	tested.row = row
	c.family = append(c.family, tested)
	return true
}

// judge adjusts the p-values of the whole family and adds the comparisons that fail or alert.
func (c *check) judge() {
	c.report.Comparisons = len(c.family)
	ps := make([]float64, len(c.family))
	for i, t := range c.family {
		ps[i] = t.p
	}
	adjusted := stats.Holm(ps)
	for i, t := range c.family {
		row := t.row
		switch {
		case adjusted[i] <= c.opts.Alpha && t.worsening >= c.opts.Fail:
			row.Verdict = Regression
		case t.p <= nominal && t.worsening >= c.opts.Alert:
			row.Verdict = Alert
		default:
			continue
		}
		row.Baseline, row.Now, row.Test = t.old.String(), t.new.String(), t.test
		row.Change, row.P, row.Adjusted = metrics.Value(t.worsening), metrics.Value(t.p), metrics.Value(adjusted[i])
		c.add(row)
	}
}

// String returns "7.402 ± 0.281 (4)", the number of seeds in brackets.
func (s Sample) String() string {
	switch {
	case s.N == 0:
		return "— (0)"
	case s.N == 1:
		return fmt.Sprintf("%.4g (1)", float64(s.Mean))
	}
	return fmt.Sprintf("%.4g ± %.2g (%d)", float64(s.Mean), float64(s.Std), s.N)
}

// comparison is a metric of a cell in a region on both sides, as far as it is tested.
type comparison struct {
	row       Row // what it shows if it fails or alerts
	old, new  Sample
	test      Test
	p         float64 // one-sided: the new values are worse
	worsening float64 // 0.05 for 5 %
}

// compare tests whether the new values are worse. ok is false if one side has fewer than minSeeds of them.
func compare(m metrics.Metric, old, now Sample, minSeeds int) (c *comparison, ok bool) {
	c = &comparison{old: old, new: now, test: Welch}
	if min(old.N, now.N) < minSeeds {
		return c, false
	}
	if a, b := paired(old.Values, now.Values); a.N >= minSeeds {
		c.old, c.new, c.test = a, b, Paired
	}
	c.worsening = worsening(m, float64(c.old.Mean), float64(c.new.Mean))
	c.p = pValue(m, c.old.Values, c.new.Values, c.test)
	return c, true
}

// paired narrows both sides down to the seeds that they have in common.
func paired(old, now map[int64]float64) (Sample, Sample) {
	a, b := map[int64]float64{}, map[int64]float64{}
	for seed, v := range old {
		if w, ok := now[seed]; ok {
			a[seed], b[seed] = v, w
		}
	}
	return newSample(a), newSample(b)
}

// pValue is that of the hypothesis that the new values are no worse. Neither test is defined without variance; then the
// means alone decide.
func pValue(m metrics.Metric, old, now map[int64]float64, test Test) float64 {
	a, b := ordered(old), ordered(now)
	if m.HigherIsBetter() {
		a, b = b, a
	}
	t := stats.WelchT(b, a)
	if test == Paired {
		t = stats.PairedT(b, a, 0.95).TTest
	}
	p := t.PGreater()
	switch {
	case !math.IsNaN(p):
		return p
	case stat.Mean(b, nil) > stat.Mean(a, nil):
		return 0
	}
	return 1
}

// worsening is how much worse the new mean is, negative for an improvement: of an error as a share of the old mean, of
// a metric whose larger value is the better one as the difference itself, in units of 1. An error that was 0 and is not
// any more is infinitely worse.
func worsening(m metrics.Metric, old, now float64) float64 {
	switch {
	case m.HigherIsBetter():
		return old - now
	case old == now:
		return 0
	}
	return (now - old) / math.Abs(old)
}
