package metrics

import (
	"fmt"
	"math"

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

// Options are the choices in which the official evaluations differ.
type Options struct {
	GMZero ZeroPolicy
}

// group holds the samples of one region.
type group struct {
	labels, preds []float64
	bins          []int
}

// Evaluate returns MAE, MSE, RMSE, GM, bMAE, Pearson's and Spearman's correlation over all samples and over each
// shot region, computed in float64. labels, preds and bins have one entry per sample, in label units and bin numbers;
// regions has one entry per bin. Errors are weighted by sample inside a region, as in Yang et al., Delving into Deep
// Imbalanced Regression (ICML 2021). An empty region has N 0 and only undefined values.
//
// Evaluate panics if the slices differ in length or a bin has no region: both are mistakes of the caller, which
// checks bins that come from a file.
func Evaluate(labels, preds []float32, bins []int, regions []datasets.Region, opts Options) ByRegion {
	return byRegion(labels, preds, bins, regions, func(g group) map[Metric]Value { return g.values(opts) })
}

// byRegion splits the samples by region and scores every part and the whole.
func byRegion(labels, preds []float32, bins []int, regions []datasets.Region, score func(group) map[Metric]Value) ByRegion {
	if len(labels) != len(preds) || len(labels) != len(bins) {
		panic(fmt.Sprintf("metrics: %d labels, %d predictions, %d bins", len(labels), len(preds), len(bins)))
	}
	var all group
	parts := make([]group, len(datasets.Regions))
	for i := range labels {
		all.add(labels[i], preds[i], bins[i])
		parts[regions[bins[i]]].add(labels[i], preds[i], bins[i])
	}
	result := ByRegion{All: {N: len(all.labels), Values: score(all)}}
	for _, r := range datasets.Regions {
		result[r.String()] = Scores{N: len(parts[r].labels), Values: score(parts[r])}
	}
	return result
}

func (g *group) add(label, pred float32, bin int) {
	g.labels = append(g.labels, float64(label))
	g.preds = append(g.preds, float64(pred))
	g.bins = append(g.bins, bin)
}

func (g group) values(opts Options) map[Metric]Value {
	mse := g.mean(func(l, p float64) float64 { return (p - l) * (p - l) })
	return map[Metric]Value{
		MAE:      Value(g.mean(absError)),
		MSE:      Value(mse),
		RMSE:     Value(math.Sqrt(mse)),
		GM:       Value(g.geometricMean(opts.GMZero)),
		BMAE:     Value(g.balancedMAE()),
		Pearson:  Value(pearson(g.labels, g.preds)),
		Spearman: Value(spearman(g.labels, g.preds)),
	}
}

func absError(label, pred float64) float64 { return math.Abs(pred - label) }

// mean returns the mean of f over the samples, NaN if there are none.
func (g group) mean(f func(label, pred float64) float64) float64 {
	var sum float64
	for i := range g.labels {
		sum += f(g.labels[i], g.preds[i])
	}
	return sum / float64(len(g.labels))
}

// geometricMean returns exp(mean ln|error|).
func (g group) geometricMean(zero ZeroPolicy) float64 {
	return math.Exp(g.mean(func(l, p float64) float64 {
		e := absError(l, p)
		if e == 0 && zero == ZeroAsEpsilon {
			e = zeroEpsilon
		}
		return math.Log(e)
	}))
}

// balancedMAE returns the mean, over the bins that have samples, of the bin's MAE (Ren et al., Balanced MSE for
// Imbalanced Visual Regression, CVPR 2022, section 5).
func (g group) balancedMAE() float64 {
	var order []int // bins in order of appearance: a map's order would change the last digits of the sum
	sums, counts := map[int]float64{}, map[int]int{}
	for i, b := range g.bins {
		if counts[b] == 0 {
			order = append(order, b)
		}
		sums[b] += absError(g.labels[i], g.preds[i])
		counts[b]++
	}
	var total float64
	for _, b := range order {
		total += sums[b] / float64(counts[b])
	}
	return total / float64(len(order))
}
