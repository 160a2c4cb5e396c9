package gate

import (
	"fmt"
	"math"
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// lossTolerance is the share by which a first loss may differ. Rounding on other hardware moves it by 1e-6 or so.
const lossTolerance = 1e-3

// fingerprints compares what does not depend on chance.
func (c *check) fingerprints(old Cell, runs []store.Run) {
	c.sizes(old, "test samples", old.TestSizes, runs, testSizes)
	c.sizes(old, "training samples", old.TrainSizes, runs, func(r store.Run) metrics.Sizes {
		return trainSizes(r.Manifest.Dataset)
	})
	c.report.Exact++
	for _, r := range runs {
		if now := trainBins(r.Manifest.Dataset); now != old.TrainBins {
			c.addState(old.Key, "training bins", old.TrainBins, now, Protocol)
			break
		}
	}
	c.firstLosses(old, runs)
}

// sizes adds a row for each region whose size is another in some run.
func (c *check) sizes(old Cell, what string, want metrics.Sizes, runs []store.Run, of func(store.Run) metrics.Sizes) {
	c.report.Exact += len(metrics.Regions)
	moved := map[datasets.Region]bool{}
	for _, r := range runs {
		now := of(r)
		for _, region := range metrics.Regions {
			if now[region] != want[region] && !moved[region] {
				moved[region] = true
				c.moved(old, what, region.String(), float64(want[region]), float64(now[region]))
			}
		}
	}
}

// firstLosses adds one row for the seed whose first loss moved farthest.
func (c *check) firstLosses(old Cell, runs []store.Run) {
	moved, compared := 0, 0
	worst, seed, now := -1.0, int64(0), 0.0
	for _, r := range runs {
		want, ok := old.FirstLoss[r.Manifest.Seed]
		if !ok {
			continue
		}
		compared++
		loss := float64(firstLoss(r))
		if near(want, loss, lossTolerance) {
			continue
		}
		moved++
		distance := math.Abs(loss - want)
		if math.IsNaN(loss) {
			distance = math.Inf(1) // no loss was recorded
		}
		if distance > worst {
			worst, seed, now = distance, r.Manifest.Seed, loss
		}
	}
	c.report.Exact += compared
	if moved > 0 {
		where := fmt.Sprintf("seed %d (%d of %d moved)", seed, moved, compared)
		c.moved(old, "first loss", where, old.FirstLoss[seed], now)
	}
}

// moved adds a row about a number that changed.
func (c *check) moved(cell Cell, what, where string, old, now float64) {
	change := metrics.Undefined()
	if old != 0 {
		change = metrics.Value((now - old) / math.Abs(old))
	}
	c.add(Row{Cell: c.name(cell.Key), Metric: what, Region: where, Baseline: number(old), Now: number(now), Change: change,
		P: metrics.Undefined(), Adjusted: metrics.Undefined(), Test: Exact, Verdict: Protocol})
}

func number(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
