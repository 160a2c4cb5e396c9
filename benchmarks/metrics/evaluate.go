package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/dirbench/dirbench/datasets"
)

// ZeroPolicy says what the geometric mean does with an error of exactly zero.
type ZeroPolicy string

// The zero policies; the empty policy is ZeroMakesZero.
const (
	// ZeroMakesZero takes ln 0 at its word: one exact hit makes the geometric mean 0. It is what the official
	// age code does.
	ZeroMakesZero ZeroPolicy = "zero"
	// ZeroAsEpsilon replaces exact zeros by 1e-10, as the official STS-B-DIR code does.
	ZeroAsEpsilon ZeroPolicy = "eps"
)

const zeroEpsilon = 1e-10

// ParseZeroPolicy returns the policy of that name, "zero" or "eps".
func ParseZeroPolicy(name string) (ZeroPolicy, error) {
	switch p := ZeroPolicy(name); p {
	case ZeroMakesZero, ZeroAsEpsilon:
		return p, nil
	}
	return "", fmt.Errorf("unknown zero policy %q: expected zero or eps", name)
}

// Log returns the logarithm of an absolute error as the geometric mean takes it.
func (p ZeroPolicy) Log(absolute float64) float64 {
	if absolute == 0 && p == ZeroAsEpsilon {
		absolute = zeroEpsilon
	}
	return math.Log(absolute)
}

// Options are the choices in which the official evaluations differ.
type Options struct {
	GMZero ZeroPolicy
}

// group holds the samples of one region, or all of them. Its figures are summed in float64.
type group struct {
	labels, preds []float32
	bins          []int
}

// Evaluate returns MAE, MSE, RMSE, GM, bMAE, bMSE, Pearson's and Spearman's correlation over all samples and over each
// shot region, computed in float64. labels, preds and bins have one entry per sample, in label units and bin numbers;
// regions has one entry per bin. Errors are weighted by sample inside a region, as in Yang et al., Delving into Deep
// Imbalanced Regression (ICML 2021). An empty region has N 0 and only undefined values.
//
// Evaluate panics if the slices differ in length or a bin has no region: both are mistakes of the caller, which
// checks bins that come from a file.
func Evaluate(labels, preds []float32, bins []int, regions []datasets.Region, opts Options) ByRegion {
	return byRegion(labels, preds, bins, regions, func(g group) map[Metric]Value { return g.values(opts) })
}

// Score returns the metrics of [Evaluate] over all samples as one group.
func Score(labels, preds []float32, bins []int, opts Options) Scores {
	return Scores{N: len(labels), Values: group{labels, preds, bins}.values(opts)}
}

// byRegion splits the samples by region and scores every part and the whole. The parts are gathered into slices of
// their final size, since dense predictions have a row for each pixel.
func byRegion(labels, preds []float32, bins []int, regions []datasets.Region, score func(group) map[Metric]Value) ByRegion {
	if len(labels) != len(preds) || len(labels) != len(bins) {
		panic(fmt.Sprintf("metrics: %d labels, %d predictions, %d bins", len(labels), len(preds), len(bins)))
	}
	sizes := make([]int, len(datasets.Regions))
	for _, b := range bins {
		sizes[regions[b]]++
	}
	result := ByRegion{All: {N: len(labels), Values: score(group{labels, preds, bins})}}
	for _, r := range datasets.Regions {
		part := newGroup(sizes[r])
		for i, b := range bins {
			if regions[b] == r {
				part.add(labels[i], preds[i], b)
			}
		}
		result[r.String()] = Scores{N: sizes[r], Values: score(part)}
	}
	return result
}

func newGroup(size int) group {
	return group{labels: make([]float32, 0, size), preds: make([]float32, 0, size), bins: make([]int, 0, size)}
}

func (g *group) add(label, pred float32, bin int) {
	g.labels = append(g.labels, label)
	g.preds = append(g.preds, pred)
	g.bins = append(g.bins, bin)
}

func (g group) values(opts Options) map[Metric]Value {
	mse := g.mean(squaredError)
	labels, preds := float64s(g.labels), float64s(g.preds)
	return map[Metric]Value{
		MAE:      Value(g.mean(absError)),
		MSE:      Value(mse),
		RMSE:     Value(math.Sqrt(mse)),
		GM:       Value(g.geometricMean(opts.GMZero)),
		BMAE:     Value(g.balancedMean(absError)),
		BMSE:     Value(g.balancedMean(squaredError)),
		Pearson:  Value(Correlation(labels, preds)),
		Spearman: Value(spearman(labels, preds)),
	}
}

func absError(label, pred float64) float64 { return math.Abs(pred - label) }

func squaredError(label, pred float64) float64 { return (pred - label) * (pred - label) }

func float64s(x []float32) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}

// mean returns the mean of f over the samples, NaN if there are none.
func (g group) mean(f func(label, pred float64) float64) float64 {
	var sum float64
	for i := range g.labels {
		sum += f(float64(g.labels[i]), float64(g.preds[i]))
	}
	return sum / float64(len(g.labels))
}

// geometricMean returns exp(mean ln|error|).
func (g group) geometricMean(zero ZeroPolicy) float64 {
	return math.Exp(g.mean(func(l, p float64) float64 { return zero.Log(absError(l, p)) }))
}

// balancedMean returns the mean, over the bins that have samples, of the bin's mean of f (Ren et al., Balanced MSE for
// Imbalanced Visual Regression, CVPR 2022, section 5); NaN if there are no samples.
func (g group) balancedMean(f func(label, pred float64) float64) float64 {
	if len(g.bins) == 0 {
		return math.NaN()
	}
	bins := slices.Max(g.bins) + 1
	sums, counts := make([]float64, bins), make([]int, bins)
	for i, b := range g.bins {
		sums[b] += f(float64(g.labels[i]), float64(g.preds[i]))
		counts[b]++
	}
	var total float64
	used := 0
	for b, n := range counts {
		if n > 0 {
			total += sums[b] / float64(n)
			used++
		}
	}
	return total / float64(used)
}
