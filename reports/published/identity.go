package published

import (
	"math"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

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

// Identity tests the rule of [metrics.CheckIdentity] with the sizes of the official test set: All must lie within half a unit of the
// last decimal of what regions within half a unit of theirs can give. A row that fails it is no result of one run on that test set.
// Means over several runs keep the identity for MAE and MSE; for RMSE and GM they may miss it by a little more than rounding explains.
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
