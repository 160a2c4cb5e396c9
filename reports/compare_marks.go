package reports

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/stats"
)

// The marks behind a cell that was tested against the baseline.
const (
	MarkBetter = "▲" // significantly
	MarkWorse  = "▼" // significantly
	MarkNone   = "~" // no significant difference
)

// judge adjusts the p-values of a column and marks its cells.
func (b *builder) judge(rows []Row, column int, c Column) {
	var tested []int // rows
	var ps, floors []float64
	for i, r := range rows {
		if compared := r.Cells[column].Comparison; compared != nil {
			tested = append(tested, i)
			p, floor := b.tested(compared)
			ps, floors = append(ps, p), append(floors, floor)
		}
	}
	adjusted, lowest := stats.Holm(ps), stats.Holm(floors)
	for i, row := range tested {
		cell := &rows[row].Cells[column]
		cell.Comparison.PAdjusted = metrics.Value(adjusted[i])
		switch {
		case !cell.Comparison.PAdjusted.Defined():
		case lowest[i] > b.opts.Alpha:
			b.warnPower(cell.Comparison.differing, len(tested), lowest[i])
		default:
			cell.Mark = mark(cell.Comparison, c, b.opts.Alpha)
			cell.Text += " " + cell.Mark
		}
	}
}

// tested returns the p-value of the chosen test and the smallest one that it could have given.
func (b *builder) tested(c *Comparison) (p, floor float64) {
	if b.opts.Test == TestWilcoxon {
		p, floor = float64(c.PWilcoxon), stats.MinP(c.differing)
	} else {
		p, floor = float64(c.PT), 0
	}
	if !metrics.Value(p).Defined() {
		floor = p // not tested, so not of the family
	}
	return p, floor
}

func mark(c *Comparison, column Column, alpha float64) string {
	switch {
	case float64(c.PAdjusted) > alpha:
		return MarkNone
	case (c.Difference > 0) == column.Higher:
		return MarkBetter
	}
	return MarkWorse
}

// warnPower says, once for a table, that a signed-rank test can show nothing, which its p-value may well hide.
func (b *builder) warnPower(pairs, family int, adjusted float64) {
	w := Warning{WarnPower, floorNote(pairs, b.opts.Alpha)}
	if w.Text == "" {
		w.Text = fmt.Sprintf("a signed-rank test of %d seeds, adjusted for %d methods, has no p below %.3g", pairs, family, adjusted)
	}
	w.Text += ", so it marks nothing"
	if !slices.Contains(b.warnings, w) {
		b.warnings = append(b.warnings, w)
	}
}

// floorNote says that a signed-rank test of so many pairs can never be significant, "" if it can.
func floorNote(pairs int, alpha float64) string {
	if p := stats.MinP(pairs); p > alpha {
		return fmt.Sprintf("a signed-rank test of %d seeds has no p below %.3g", pairs, p)
	}
	return ""
}

// testNames are how captions call the tests.
var testNames = map[string]string{TestT: "paired t test", TestWilcoxon: "Wilcoxon signed-rank test"}

// markCaption explains the marks, if there are any.
func (a *Against) markCaption(rows []Row) []string {
	marked := func(r Row) bool { return slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Mark != "" }) }
	if a == nil || !slices.ContainsFunc(rows, marked) {
		return nil
	}
	return []string{fmt.Sprintf("%s significantly better than %s, %s significantly worse, %s not significant: %s over shared seeds, two-sided, "+
		"at level %g after Holm's adjustment over the methods of a column.", MarkBetter, a.Baseline, MarkWorse, MarkNone, testNames[a.Test], a.Alpha)}
}
