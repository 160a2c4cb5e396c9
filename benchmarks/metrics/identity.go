package metrics

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

// scale is a transformation after which a metric is a mean over samples, and its inverse.
type scale struct{ to, from func(float64) float64 }

func asIs(v float64) float64   { return v }
func square(v float64) float64 { return v * v }

// meanScales holds the metrics that are a mean over samples: most directly, RMSE by its square, GM by its logarithm.
// Correlations are none, and balanced metrics are means over bins, whose numbers scores do not hold.
var meanScales = map[Metric]scale{
	MAE: {asIs, asIs}, MSE: {asIs, asIs}, RMSE: {square, math.Sqrt}, GM: {math.Log, math.Exp},
	AbsRel: {asIs, asIs}, Log10: {asIs, asIs}, Delta1: {asIs, asIs}, Delta2: {asIs, asIs}, Delta3: {asIs, asIs},
}

// HasIdentity reports whether CheckIdentity tests the metric.
func (m Metric) HasIdentity() bool {
	_, ok := meanScales[m]
	return ok
}

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
		n, pooled := Pool(scores, m)
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

// Pool returns the number of samples in all regions and the figure over all of them that the regions' figures imply.
// A GM of 0, which exact hits give, has the logarithm -Inf and makes the whole 0, as it must.
func Pool(scores ByRegion, m Metric) (n int, value float64) {
	mean := meanScales[m]
	var sum float64
	for _, r := range datasets.Regions {
		part := scores[r.String()]
		if part.N > 0 {
			n += part.N
			sum += float64(part.N) * mean.to(float64(part.Values[m]))
		}
	}
	return n, mean.from(sum / float64(n))
}
