package gate

import (
	"errors"
	"math"

	"github.com/aclements/go-moremath/stats"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

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
	var result *stats.TTestResult
	var err error
	if test == Paired {
		result, err = stats.PairedTTest(b, a, 0, stats.LocationGreater)
	} else {
		result, err = stats.TwoSampleWelchTTest(stats.Sample{Xs: b}, stats.Sample{Xs: a}, stats.LocationGreater)
	}
	switch {
	case errors.Is(err, stats.ErrZeroVariance) && stats.Mean(b) > stats.Mean(a):
		return 0
	case err != nil || math.IsNaN(result.P):
		return 1
	}
	return max(0, min(result.P, 1))
}

// worsening is how much worse the new mean is, negative for an improvement: of an error as a share of the old mean, of a
// metric whose larger value is the better one as the difference itself, in units of 1. An error that was 0 and is not any
// more is infinitely worse.
func worsening(m metrics.Metric, old, now float64) float64 {
	switch {
	case m.HigherIsBetter():
		return old - now
	case old == now:
		return 0
	}
	return (now - old) / math.Abs(old)
}
