package analysis

import (
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// FeatureReport compares the features of several runs on one dataset.
type FeatureReport struct {
	Benchmark string              `json:"benchmark"`
	Title     string              `json:"title"` // of the dataset
	Twin      bool                `json:"twin"`
	Unit      string              `json:"unit,omitempty"`
	Anchor    int                 `json:"anchor_bin"`
	Lower     float64             `json:"anchor"` // smallest label of the anchor bin
	Series    []FeatureSimilarity `json:"series"`
}

// NewFeatureReport returns a report without series.
func NewFeatureReport(m store.Manifest, anchor int) FeatureReport {
	d := m.Dataset
	return FeatureReport{Benchmark: m.Benchmark, Title: reports.Title(m), Twin: d.Twin, Unit: d.LabelSpace.Unit,
		Anchor: anchor, Lower: d.LabelSpace.Lower(anchor), Series: []FeatureSimilarity{}}
}

// AnchorLabel is the anchor with its unit.
func (r FeatureReport) AnchorLabel() string {
	label := strconv.FormatFloat(r.Lower, 'g', 4, 64)
	if r.Unit != "" {
		label += " " + r.Unit
	}
	return label
}

// Sheet lays the trends out, a row for each series.
func (r FeatureReport) Sheet() reports.Sheet {
	s := reports.Sheet{
		Title: r.Title + ": features by label",
		Caption: []string{
			"Cosine similarity of each label bin's feature mean, and feature variance, to those of the anchor bin, " + r.AnchorLabel() +
				", on the training split in evaluation mode.",
			"Over the bins with at least two training samples but the anchor, r is Pearson's correlation of similarity with the distance " +
				"of labels and ρ Spearman's: -1 where similarity falls with distance, as it should.",
			"Few: of few-shot bins alone, ρ and the mean similarity. Statistics of few samples are noisy, which makes them less similar.",
			"A bin with fewer than two samples has no statistics; — stands where too few bins are left.",
		},
		Columns: []reports.SheetColumn{{Header: "Features"}, {Header: "Bins", Number: true}},
	}
	for _, kind := range []string{"Mean", "Variance"} {
		for _, figure := range []string{"r", "ρ", "Few ρ", "Few"} {
			s.Columns = append(s.Columns, reports.SheetColumn{Header: kind + " " + figure, Number: true})
		}
	}
	for _, series := range r.Series {
		n := series.compared()
		row := []reports.SheetCell{reports.Text(series.Name), reports.Number(strconv.Itoa(n), float64(n))}
		for _, t := range []SimilarityTrend{series.Mean, series.Variance} {
			row = append(row, coefficient(t.Pearson), coefficient(t.Spearman), coefficient(t.FewSpearman), coefficient(t.FewMean))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// compared is the number of bins that the trends are taken over.
func (s FeatureSimilarity) compared() int {
	n := 0
	for _, b := range s.Bins {
		if b.N >= leastSamples && b.Bin != s.anchor {
			n++
		}
	}
	return n
}

func coefficient(v metrics.Value) reports.SheetCell { return summary([]metrics.Value{v}, 3) }
