package metrics

import (
	"math"

	"github.com/dirbench/dirbench/datasets"
)

// EvaluateDepth returns the metrics of depth estimation over all valid pixels and over each shot region, computed in
// float64: MAE, MSE, RMSE (the root of the pooled MSE), AbsRel, Log10 and Delta1 to Delta3, as in Eigen et al., Depth
// Map Prediction from a Single Image (NIPS 2014), and the balanced bMAE, bMSE and bRMSE (the root of bMSE), in which
// every bin counts the same. depth, preds and bins have one entry per valid pixel, in metres and bin numbers; regions
// has one entry per bin. A prediction that is not positive makes Log10 undefined. It panics as Evaluate does.
func EvaluateDepth(depth, preds []float32, bins []int, regions []datasets.Region) ByRegion {
	return byRegion(depth, preds, bins, regions, group.depthValues)
}

// ScoreDepth returns the metrics of [EvaluateDepth] over all pixels as one group.
func ScoreDepth(depth, preds []float32, bins []int) Scores {
	return Scores{N: len(depth), Values: group{depth, preds, bins}.depthValues()}
}

func (g group) depthValues() map[Metric]Value {
	mse, balancedMSE := g.mean(squaredError), g.balancedMean(squaredError)
	return map[Metric]Value{
		MAE:    Value(g.mean(absError)),
		MSE:    Value(mse),
		RMSE:   Value(math.Sqrt(mse)),
		BMAE:   Value(g.balancedMean(absError)),
		BMSE:   Value(balancedMSE),
		BRMSE:  Value(math.Sqrt(balancedMSE)),
		AbsRel: Value(g.mean(func(d, p float64) float64 { return math.Abs(p-d) / d })),
		Log10:  Value(g.mean(func(d, p float64) float64 { return math.Abs(math.Log10(p) - math.Log10(d)) })),
		Delta1: Value(g.shareWithin(1.25)),
		Delta2: Value(g.shareWithin(1.25 * 1.25)),
		Delta3: Value(g.shareWithin(1.25 * 1.25 * 1.25)),
	}
}

// shareWithin returns the share of pixels whose ratio to the true depth, taken above 1, is at most limit. A negative
// prediction has negative ratios and is outside.
func (g group) shareWithin(limit float64) float64 {
	return g.mean(func(d, p float64) float64 {
		if r := max(p/d, d/p); r >= 1 && r <= limit {
			return 1
		}
		return 0
	})
}
