package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// Uncertainty says what the standard deviations are worth that methods of a table predict.
type Uncertainty struct {
	Caption []string `json:"caption"`
	Columns []Column `json:"columns"` // each metric of predictions with a spread, over all samples and by region
	Rows    []Row    `json:"rows"`    // of the methods that have some
}

// uncertainty returns nil if no run has a spread.
func (b *builder) uncertainty() *Uncertainty {
	u := &Uncertainty{}
	for _, m := range metrics.OfSpread {
		for _, region := range metrics.Regions {
			u.Columns = append(u.Columns, b.column(m, region))
		}
	}
	var laws []string
	for _, g := range b.rows {
		done := g.finished(b.split)
		if !slices.ContainsFunc(done, func(r store.Run) bool { return b.hasSpread(r) }) {
			continue
		}
		row := Row{Label: g.label, Method: g.method, Config: g.config, N: len(done), Runs: g.runs}
		row.Cells, _ = b.cells(done, u.Columns)
		u.Rows = append(u.Rows, row)
		laws = append(laws, fmt.Sprintf("%s %s", row.Label, law(done[0].Manifest)))
	}
	if len(u.Rows) == 0 {
		return nil
	}
	markBest(u.Rows, u.Columns)
	u.Caption = []string{
		fmt.Sprintf("Benchmark %s: %s over n seeds.", b.first.Benchmark, b.opts.spread()),
		"NLL is the mean negative log-likelihood of the predicted distributions: " + strings.Join(laws, ", ") + ".",
		"A coverage is the share of labels inside the central interval that is to hold 50 % or 90 % of them.",
		"AUSE is the area between the MAE of what is left when samples of large spread, or of large error, are taken " +
			"away first, " +
			"over the MAE of all; 0 if spreads have the order of errors.",
	}
	return u
}

func (b *builder) hasSpread(r store.Run) bool {
	_, ok := r.Results[b.split][metrics.All].Values[metrics.NLL]
	return ok
}

func law(m store.Manifest) string {
	if m.SpreadLaw == metrics.Laplace {
		return "Laplace"
	}
	return "Gaussian"
}

// sheets lays the figures out, a row for each method and metric.
func (u *Uncertainty) sheets(title string) []Sheet {
	if u == nil {
		return nil
	}
	s := Sheet{Title: title + ": predicted spreads", Caption: u.Caption,
		Columns: []SheetColumn{{Header: "Method"}, {Header: "n", Number: true}, {Header: "Figure"}}}
	for _, region := range metrics.Regions {
		s.Columns = append(s.Columns, SheetColumn{titleCase(region.String()), true})
	}
	for _, r := range u.Rows {
		cells := r.cells()[2:]
		for i := 0; i < len(cells); i += len(metrics.Regions) {
			m := u.Columns[i].Metric
			first := []SheetCell{Text(r.Label), Number(strconv.Itoa(r.N), float64(r.N)), Text(m.Label() + " " + m.Arrow())}
			s.Rows = append(s.Rows, append(first, cells[i:i+len(metrics.Regions)]...))
		}
	}
	return []Sheet{s}
}
