package analysis

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"

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
	Scored
	Parts map[Part]PartErrors `json:"parts"`
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
	z := ZeroShot{Scored: m.scored(split), Parts: map[Part]PartErrors{}}
	partOf := PartsOf(manifest.Dataset.TrainCounts)
	for _, part := range Parts {
		in := func(bin int) bool { return partOf[bin] == part && m.Bins[0][bin].N > 0 }
		errors := PartErrors{Labels: labelRanges(manifest.Dataset.LabelSpace, in),
			Seeds: map[metrics.Metric][]metrics.Value{}}
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

// ZeroShotSheet lays out the errors of a table's methods by part, one row each. Methods whose training data differ have
// a caption of the first one's regions.
func ZeroShotSheet(t Table, list []ZeroShot) reports.Sheet {
	first := list[0]
	sheet := reports.Sheet{
		Title: first.Title + ": labels without training data",
		Caption: append(t.caption(),
			fmt.Sprintf("Errors of the %s split by whether a bin has training labels: mean ± standard deviation (ddof 1) "+
				"over seeds.",
				first.Split)),
		Columns: append([]reports.SheetColumn{{Header: "Method"}}, numbers("Seeds")...),
		Notes:   t.notes(),
	}
	for _, part := range Parts {
		sheet.Caption = append(sheet.Caption, describePart(part, first.Parts[part], counted(t.Manifest())))
	}
	if first.Parts[Interpolation].N+first.Parts[Extrapolation].N == 0 && !t.Manifest().Dataset.Dense() {
		sheet.Notes = append(sheet.Notes, "every bin with samples has training labels: dirbench data convert "+
			"--drop-train makes "+
			"a dataset in which some have none")
	}
	for _, m := range ZeroShotMetrics {
		for _, part := range Parts {
			sheet.Columns = append(sheet.Columns, numbers(m.Label()+" "+string(part)+" ↓")...)
		}
	}
	for _, z := range list {
		row := []reports.SheetCell{reports.Text(z.Method), integer(len(z.Seeds))}
		for _, m := range ZeroShotMetrics {
			for _, part := range Parts {
				row = append(row, summary(z.Parts[part].Seeds[m], m.Decimals(t.Manifest().Dataset.LabelSpace)))
			}
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return sheet
}

// partMeanings say what the parts are.
var partMeanings = map[Part]string{
	Interpolation: "bins without training labels, between bins with some",
	Extrapolation: "bins without training labels, beyond all bins with some",
	Trained:       "bins with training labels",
}

func describePart(part Part, e PartErrors, things string) string {
	text := fmt.Sprintf("%s (%s): %s", strings.ToUpper(string(part[:1]))+string(part[1:]), partMeanings[part],
		english.Plural(e.N, strings.TrimSuffix(things, "s"), ""))
	if e.N == 0 {
		return text + "."
	}
	return fmt.Sprintf("%s in %s: %s.", text, english.Plural(e.Bins, "bin", ""), e.Labels)
}
