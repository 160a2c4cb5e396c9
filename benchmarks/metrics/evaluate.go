package metrics

import (
	"fmt"
	"math"
	"slices"

	"github.com/dirbench/dirbench/datasets"
)

// Evaluate returns the metrics of single labels (MAE, MSE, RMSE, GM, bMAE, bMSE, Pearson's and Spearman's correlation,
// with a relevance SERA, and with spreads NLL, coverages and AUSE) over all samples and over each shot region, computed
// in float64. labels, preds and bins have one entry per sample, in label units and bin numbers; regions has one entry
// per bin. Errors are weighted by sample inside a region, as in Yang et al., Delving into Deep Imbalanced Regression
// (ICML 2021). An empty region has N 0 and only undefined values.
//
// Evaluate panics if the slices differ in length or a bin has no region: both are mistakes of the caller, which
// checks bins that come from a file.
func Evaluate(labels, preds []float32, bins []int, regions []datasets.Region, opts Options) ByRegion {
	return byRegion(group{labels, preds, bins, opts}, regions, oneLabel)
}

// EvaluateDepth returns the metrics of depth estimation over all valid pixels and over each shot region, computed in
// float64: MAE, MSE, RMSE (the root of the pooled MSE), bMAE, bMSE, bRMSE, AbsRel, log10 and δ1 to δ3. depth, preds and
// bins have one entry per valid pixel, in metres and bin numbers; regions has one entry per bin. A prediction that is
// not positive makes log10 undefined. It panics as Evaluate does.
func EvaluateDepth(depth, preds []float32, bins []int, regions []datasets.Region) ByRegion {
	return byRegion(group{depth, preds, bins, Options{}}, regions, depths)
}

// Score returns the metrics of [Evaluate] over all samples as one group.
func Score(labels, preds []float32, bins []int, opts Options) Scores {
	return group{labels, preds, bins, opts}.scores(oneLabel)
}

// ScoreDepth returns the metrics of [EvaluateDepth] over all pixels as one group.
func ScoreDepth(depth, preds []float32, bins []int) Scores {
	return group{depth, preds, bins, Options{}}.scores(depths)
}

// Figure returns a metric over all samples as one group, as [Score] or [ScoreDepth] does; undefined if the options lack
// what it needs.
func Figure(m Metric, labels, preds []float32, bins []int, opts Options) Value {
	return group{labels, preds, bins, opts}.figure(declared[m])
}

// group holds the samples of one region, or all of them. Its figures are summed in float64.
type group struct {
	labels, preds []float32
	bins          []int
	opts          Options
}

// byRegion splits the samples by region and scores every part and the whole. The parts are gathered into slices of
// their final size, since dense predictions have a row for each pixel.
func byRegion(g group, regions []datasets.Region, of labels) ByRegion {
	spreads := g.opts.Spreads
	if len(g.labels) != len(g.preds) || len(g.labels) != len(g.bins) || spreads != nil && len(spreads) != len(g.labels) {
		panic(fmt.Sprintf("metrics: %d labels, %d predictions, %d bins, %d spreads",
			len(g.labels), len(g.preds), len(g.bins), len(spreads)))
	}
	sizes := make([]int, len(datasets.Regions))
	for _, b := range g.bins {
		sizes[regions[b]]++
	}
	result := ByRegion{All: g.scores(of)}
	for _, r := range datasets.Regions {
		result[r] = g.part(sizes[r], func(bin int) bool { return regions[bin] == r }).scores(of)
	}
	return result
}

// part returns the samples in some bins, size of them.
func (g group) part(size int, in func(bin int) bool) group {
	p := group{make([]float32, 0, size), make([]float32, 0, size), make([]int, 0, size), g.opts}
	p.opts.Spreads = nil
	if g.opts.Spreads != nil {
		p.opts.Spreads = make([]float32, 0, size)
	}
	for i, b := range g.bins {
		if !in(b) {
			continue
		}
		p.labels, p.preds, p.bins = append(p.labels, g.labels[i]), append(p.preds, g.preds[i]), append(p.bins, b)
		if g.opts.Spreads != nil {
			p.opts.Spreads = append(p.opts.Spreads, g.opts.Spreads[i])
		}
	}
	return p
}

// scores returns every metric that labels of a kind have.
func (g group) scores(of labels) Scores {
	s := Scores{N: len(g.labels), Values: map[Metric]Value{}}
	for _, d := range declarations {
		if (d.of == anyLabel || d.of == of) && g.has(d) {
			s.Values[d.metric] = g.figure(d)
		}
	}
	return s
}

// has reports whether the options have what a metric needs.
func (g group) has(d declaration) bool {
	return (!d.spread || g.opts.Spreads != nil) && (!d.phi || g.opts.Relevance != nil)
}

func (g group) figure(d declaration) Value {
	switch {
	case !g.has(d):
		return Undefined()
	case d.mean != nil:
		return Value(d.mean.toFigure(g.mean(d.mean.sample)))
	default:
		return Value(d.group(g))
	}
}

func (g group) point(i int) point {
	p := point{label: float64(g.labels[i]), prediction: float64(g.preds[i])}
	if g.opts.Spreads != nil {
		p.spread = float64(g.opts.Spreads[i])
	}
	return p
}

// mean returns the mean of a figure over the samples, NaN if there are none.
func (g group) mean(sample func(point, Options) float64) float64 {
	var sum float64
	for i := range g.labels {
		sum += sample(g.point(i), g.opts)
	}
	return sum / float64(len(g.labels))
}

// balanced returns the mean, over the bins that have samples, of the bin's mean of a figure; NaN if there are no
// samples.
func (g group) balanced(sample func(point, Options) float64) float64 {
	if len(g.bins) == 0 {
		return math.NaN()
	}
	bins := slices.Max(g.bins) + 1
	sums, counts := make([]float64, bins), make([]int, bins)
	for i, b := range g.bins {
		sums[b] += sample(g.point(i), g.opts)
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

func (g group) pearson() float64 { return Correlation(float64s(g.labels), float64s(g.preds)) }

func (g group) spearman() float64 { return spearman(float64s(g.labels), float64s(g.preds)) }

func float64s(x []float32) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}

// Sums adds up the metrics of [ByBin] sample by sample, for predictions that are read as a stream.
type Sums struct {
	n      int
	totals []float64 // in the order of ByBin
}

// Add takes in a sample.
func (s *Sums) Add(label, prediction float64, o Options) {
	if s.totals == nil {
		s.totals = make([]float64, len(ByBin))
	}
	s.n++
	for i, m := range ByBin {
		s.totals[i] += declared[m].mean.sample(point{label: label, prediction: prediction}, o)
	}
}

// Scores returns the metrics of the samples so far, undefined without any.
func (s *Sums) Scores() Scores {
	scores := Scores{N: s.n, Values: map[Metric]Value{}}
	for i, m := range ByBin {
		scores.Values[m] = Undefined()
		if s.n > 0 {
			scores.Values[m] = Value(declared[m].mean.toFigure(s.totals[i] / float64(s.n)))
		}
	}
	return scores
}
