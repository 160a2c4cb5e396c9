package metrics

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

// HasIdentity reports whether [CheckIdentity] tests the metric: whether it is a mean over samples, as RMSE is by its
// square and GM by its logarithm. Correlations are none, and balanced metrics are means over bins, whose numbers scores
// do not hold.
func (m Metric) HasIdentity() bool { return declared[m].mean != nil }

// CheckIdentity tests that the figures over all samples follow from those of the regions and their sizes: All is the
// size-weighted mean of the regions, for RMSE of the squares and for GM of the logarithms. This holds for any correct
// evaluation because regions partition the samples. tol is relative: 1e-6 for stored scores, the rounding of the print
// for published ones. Undefined figures are passed over. It returns nil or an error naming the first violation.
func CheckIdentity(scores ByRegion, tol float64) error {
	all := scores[All]
	for _, m := range Known {
		stated, ok := all.Values[m]
		if !ok || !stated.Defined() || !m.HasIdentity() {
			continue
		}
		n, pooled := Pool(m, scores.parts()...)
		if n != all.N {
			return fmt.Errorf("the regions hold %d, All %d", n, all.N)
		}
		if math.IsNaN(pooled) {
			return fmt.Errorf("%s All is %.6g, but a region has none", m.Label(), float64(stated))
		}
		if diff := math.Abs(pooled - float64(stated)); !(diff <= tol*math.Abs(float64(stated))) {
			return fmt.Errorf("%s All is %.6g, but Many, Medium and Few give %.6g", m.Label(), float64(stated), pooled)
		}
	}
	return nil
}

// parts returns the scores of the shot regions, which partition the samples.
func (s ByRegion) parts() (list []Scores) {
	for _, r := range datasets.Regions {
		list = append(list, s[r])
	}
	return list
}

// Pool returns the number of samples in all parts and the figure over all of them that the parts' figures imply, for a
// metric that has the identity. A GM of 0, which exact hits give, has the logarithm -Inf and makes the whole 0, as it
// must.
func Pool(m Metric, parts ...Scores) (n int, value float64) {
	mean := declared[m].mean
	var sum float64
	for _, part := range parts {
		if part.N > 0 {
			n += part.N
			sum += float64(part.N) * mean.toMean(float64(part.Values[m]))
		}
	}
	return n, mean.toFigure(sum / float64(n))
}
