package published

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Measured describes measured results as far as it decides about what may stand beside them.
type Measured struct {
	store.RowKey
	Split   string
	Samples metrics.Sizes // tested
}

// Obstacles says why results published under the official protocol must not stand beside measured ones; nothing if they
// may.
func (b Benchmark) Obstacles(m Measured) []string {
	var list []string
	differ := func(differs bool, format string, args ...any) {
		if differs {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	differ(b.Unreleased != "", "%s", b.Unreleased)
	differ(m.Twin, "a synthetic twin instead of real data")
	differ(m.Dataset != b.Dataset, "dataset %s instead of %s", m.Dataset, b.Dataset)
	differ(m.Scale != "full", "scale %s instead of full", m.Scale)
	differ(m.Fidelity != Official, "%s semantics instead of official", m.Fidelity)
	differ(m.Selection != b.Selection, "epoch selected by %s instead of %s", m.Selection, b.Selection)
	differ(m.Split != string(datasets.Test), "scores of the %s split instead of test", m.Split)
	if len(list) == 0 { // sizes say nothing new where the data are others
		differ(m.Samples[metrics.All] == 0, "no finished runs")
	}
	if len(list) == 0 {
		differ(!b.sameSizes(m.Samples), "test regions of %s instead of %s", sizes(m.Samples), sizes(b.Samples))
	}
	return list
}

// sameSizes compares the sizes that are known.
func (b Benchmark) sameSizes(other metrics.Sizes) bool {
	for region, n := range b.Samples {
		switch {
		case n == 0:
		case b.Proportions && n*other[metrics.All] != other[region]*b.Samples[metrics.All]:
			return false
		case !b.Proportions && n != other[region]:
			return false
		}
	}
	return true
}

// shots is the number of samples in the shot regions, 0 if only their total is known.
func shots(s metrics.Sizes) int { return s[datasets.Many] + s[datasets.Medium] + s[datasets.Few] }

// sizes returns "many 1530, medium 448, few 162", or the total where only that is known.
func sizes(s metrics.Sizes) string {
	if shots(s) == 0 {
		return fmt.Sprintf("%d in all", s[metrics.All])
	}
	return s.String()
}

// Decimals returns the number of decimals in which a source prints a metric: the most that one of its figures has.
func (s Source) Decimals(m metrics.Metric) int {
	most := 0
	for _, r := range s.Rows {
		for _, v := range r.Scores[string(m)] {
			if v == nil {
				continue
			}
			_, fraction, _ := strings.Cut(strconv.FormatFloat(*v, 'f', -1, 64), ".")
			most = max(most, len(fraction))
		}
	}
	return most
}

// Identity says whether a row's figure over all samples follows from those of its regions.
type Identity struct {
	Checked bool    // the metric has the identity, and all figures and sizes are known
	Holds   bool    // within what rounding explains
	Pooled  float64 // the figure over all samples that the regions give
}

// Identity tests the rule of [metrics.CheckIdentity] with the sizes of the official test set: All must lie within half
// a unit of the last decimal of what regions within half a unit of theirs can give. A row that fails it is no result of
// one run on that test set. Means over several runs keep the identity for MAE and MSE; for RMSE and GM they may miss it
// by a little more than rounding explains.
func (b Benchmark) Identity(m metrics.Metric, f Figures, decimals int) Identity {
	if !m.HasIdentity() || shots(b.Samples) == 0 || f[0] == nil || f[1] == nil || f[2] == nil || f[3] == nil {
		return Identity{}
	}
	half := 0.5 * math.Pow10(-decimals)
	low, high := b.pool(m, f, -half), b.pool(m, f, half)
	const slack = 1e-9 // of floating-point numbers
	holds := *f[0]+half >= low-slack && *f[0]-half <= high+slack
	return Identity{Checked: true, Holds: holds, Pooled: b.pool(m, f, 0)}
}

// pool returns the figure over all samples after the regions' figures moved by shift.
func (b Benchmark) pool(m metrics.Metric, f Figures, shift float64) float64 {
	var parts []metrics.Scores
	for i, region := range metrics.Regions {
		if region != metrics.All {
			figure := metrics.Value(max(*f[i]+shift, 0))
			parts = append(parts, metrics.Scores{N: b.Samples[region], Values: map[metrics.Metric]metrics.Value{m: figure}})
		}
	}
	_, pooled := metrics.Pool(m, parts...)
	return pooled
}
