package page

import (
	"fmt"
	"math"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
)

// none is how tables print what does not exist.
const none = "—"

// overview sums the tables up, a row for each: which method errs least where data is scarce, and what it costs
// elsewhere.
func overview(report reports.Report, baseline string) reports.Sheet {
	s := reports.Sheet{
		Title: "Least error where data is scarce",
		Caption: []string{
			"For each table the method other than " + baseline + " with the best first metric in the few-shot region.",
			"Gain: the improvement of its mean over that of " + baseline + ", positive is better. Runs: done of all.",
			"Differences may be chance: " + reports.MarkNone + " says that one is not significant, as in the tables.",
		},
		Columns: []reports.SheetColumn{
			{Header: "Table"}, {Header: "Best method"}, {Header: "Few", Number: true}, {Header: baseline + " Few", Number: true},
			{Header: "Few-shot gain", Number: true}, {Header: "Many-shot gain", Number: true}, {Header: "Metric"},
			{Header: "Protocol"},
			{Header: "Runs", Number: true},
		},
	}
	for _, t := range report.Tables {
		s.Rows = append(s.Rows, overviewRow(t, baseline))
	}
	return s
}

func overviewRow(t reports.Table, baseline string) []reports.SheetCell {
	m := manifestOf(t)
	best, base := reports.Row{Label: none}, reports.Row{}
	if i := bestRow(t, baseline, datasets.Few); i >= 0 {
		best = t.Rows[i]
	}
	done, runs := 0, 0
	for _, r := range t.Rows {
		if r.Method == baseline && r.N > 0 && base.N == 0 {
			base = r
		}
		done, runs = done+r.N, runs+len(r.Runs)
	}
	few, many := columnOf(t, datasets.Few), columnOf(t, datasets.Many)
	return []reports.SheetCell{
		reports.Text(shortTitle(m)), reports.Text(best.Label),
		cell(best, few), cell(base, few), gain(t, best, base, few), gain(t, best, base, many),
		reports.Text(t.Columns[0].Metric.Label() + analysis.UnitText(m.Dataset.LabelSpace, t.Columns[0].Metric)),
		reports.Text(shortProtocol(m)),
		reports.Number(fmt.Sprintf("%d/%d", done, runs), float64(done)),
	}
}

func cell(r reports.Row, column int) reports.SheetCell {
	if column < 0 || column >= len(r.Cells) || !r.Cells[column].Mean.Defined() {
		return reports.Text(none)
	}
	return reports.Number(r.Cells[column].Text, float64(r.Cells[column].Mean))
}

// gain is the improvement of a row over another in per cent of that, with a true minus sign.
func gain(t reports.Table, r, base reports.Row, column int) reports.SheetCell {
	a, b := cell(r, column), cell(base, column)
	if a.Value == nil || b.Value == nil || *b.Value == 0 {
		return reports.Text(none)
	}
	percent := (*b.Value - *a.Value) / math.Abs(*b.Value) * 100
	if t.Columns[column].Higher {
		percent = -percent
	}
	return reports.Number(strings.Replace(reports.Signed(percent, 1), "-", "−", 1)+" %", percent)
}
