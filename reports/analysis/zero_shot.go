package analysis

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
)

// Part is where a bin lies among the training labels.
type Part string

// The parts of a label space. The first two are the zero-shot regions of Yang et al. 2021.
const (
	Interpolation Part = "interpolation" // no training label in the bin, but in bins on both sides
	Extrapolation Part = "extrapolation" // no training label in the bin nor in any on one of its sides
	Trained       Part = "trained"       // training labels in the bin
)

// Parts lists them in the order in which tables show them.
var Parts = []Part{Interpolation, Extrapolation, Trained}

// PartsOf returns the part of each bin, given the training labels per bin.
func PartsOf(counts []int) []Part {
	first, last := len(counts), -1
	for i, n := range counts {
		if n > 0 {
			first, last = min(first, i), i
		}
	}
	parts := make([]Part, len(counts))
	for i, n := range counts {
		switch {
		case n > 0:
			parts[i] = Trained
		case i > first && i < last:
			parts[i] = Interpolation
		default:
			parts[i] = Extrapolation
		}
	}
	return parts
}

// ZeroShotMetrics are the errors of a part.
var ZeroShotMetrics = []metrics.Metric{metrics.MAE, metrics.RMSE, metrics.GM}

// ZeroShot holds the errors of a method where it saw no training labels, beside those where it did.
type ZeroShot struct {
	Title     string              `json:"title"`
	Benchmark string              `json:"benchmark"`
	Method    string              `json:"method"`
	Config    string              `json:"config"`
	Seeds     []int64             `json:"seeds"`
	Split     datasets.Split      `json:"split"`
	Parts     map[Part]PartErrors `json:"parts"`
}

// PartErrors are the errors over all samples of a part, for each seed. Without samples they are undefined.
type PartErrors struct {
	N      int                                `json:"n"`      // samples of the split
	Bins   int                                `json:"bins"`   // that hold them
	Labels string                             `json:"labels"` // their ranges: "30–40, 85–90"
	Seeds  map[metrics.Metric][]metrics.Value `json:"seeds"`
}

// NewZeroShot pools the bins of a method.
func NewZeroShot(m Method, split datasets.Split) ZeroShot {
	manifest := m.Manifest()
	z := ZeroShot{
		Title: reports.Title(manifest), Benchmark: manifest.Benchmark, Method: m.Label, Config: m.Config, Seeds: m.Seeds(),
		Split: split, Parts: map[Part]PartErrors{},
	}
	partOf := PartsOf(manifest.Dataset.TrainCounts)
	for _, part := range Parts {
		in := func(bin int) bool { return partOf[bin] == part && m.Bins[0][bin].N > 0 }
		errors := PartErrors{Labels: labelRanges(manifest.Dataset.LabelSpace, in), Seeds: map[metrics.Metric][]metrics.Value{}}
		for _, bins := range m.Bins {
			errors = errors.with(bins, in)
		}
		z.Parts[part] = errors
	}
	return z
}

// with adds a seed.
func (p PartErrors) with(bins []Bin, in func(bin int) bool) PartErrors {
	parts := pooled(bins, in)
	p.Bins = len(parts)
	for _, m := range ZeroShotMetrics {
		n, value := metrics.Pool(m, parts...)
		p.N, p.Seeds[m] = n, append(p.Seeds[m], metrics.Value(value))
	}
	return p
}

// pooled returns the scores of some bins, of those that have samples.
func pooled(bins []Bin, in func(bin int) bool) (parts []metrics.Scores) {
	for i, b := range bins {
		if b.N > 0 && in(i) {
			parts = append(parts, b.Scores)
		}
	}
	return parts
}
