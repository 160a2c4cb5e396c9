package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/stats"
	"github.com/dirbench/dirbench/runner/store"
)

// minPairs is the number of shared seeds from which methods are compared.
const minPairs = 3

// Against says what the rows of a table are compared with, and how.
type Against struct {
	Baseline string  `json:"baseline"` // the label of its row: a method, with its configuration where it has several
	Test     string  `json:"test"`     // that decides about significance, one of Tests
	Alpha    float64 `json:"alpha"`
	Level    float64 `json:"level"` // of the intervals
}

// Comparison is a cell beside the baseline's in the same column, over the seeds that both have. Values that are not
// defined are NaN: tests of differences that are all the same.
type Comparison struct {
	Pairs int `json:"pairs"` // shared seeds
	// Difference is the mean of method minus baseline in the column's unit: negative is better for errors, positive for
	// metrics whose larger value is the better one. Low and High are the ends of its t interval.
	Difference metrics.Value `json:"difference"`
	Low        metrics.Value `json:"low"`
	High       metrics.Value `json:"high"`
	// Gain is the improvement, positive if the method is better: of an error as a share of the baseline's mean over the
	// shared seeds, 0.05 for 5 %; of a metric whose larger value is the better one the difference itself.
	Gain      metrics.Value `json:"gain"`
	PT        metrics.Value `json:"p_t"`        // of the paired t test, two-sided
	PWilcoxon metrics.Value `json:"p_wilcoxon"` // of the signed-rank test, two-sided
	// PAdjusted is the chosen test's p-value after Holm's adjustment over all methods of the column.
	PAdjusted metrics.Value `json:"p_adjusted"`

	differing int // pairs that differ: what a signed-rank test has
}

// compare fills in the comparisons and marks of all cells and says what they are; nil if no row can be compared.
func (b *builder) compare(rows []Row, columns []Column) *Against {
	base := b.baseline()
	if base < 0 {
		return nil
	}
	compared := false
	for i := range rows {
		if i != base && b.compareRow(rows, i, base, columns) {
			compared = true
		}
	}
	if !compared {
		return nil
	}
	b.warnFew(rows)
	for i, c := range columns {
		b.judge(rows, i, c)
	}
	return &Against{rows[base].Label, b.opts.Test, b.opts.Alpha, b.opts.Level}
}

// warnFew names the rows that have too few seeds to be compared as the others are.
func (b *builder) warnFew(rows []Row) {
	var few []string
	for _, r := range rows {
		if r.N > 0 && r.N < minPairs {
			few = append(few, r.Label)
		}
	}
	if len(few) > 0 {
		b.warn(WarnUnpaired, "%s: fewer than %d seeds, so not compared with %s", strings.Join(few, ", "), minPairs,
			b.opts.Baseline)
	}
}

// baseline returns the index of the baseline's row, or -1 if there is none. Of several it is the one in which a suite
// left the scale's recipe as it is; -1 if that is none or more than one.
func (b *builder) baseline() int {
	var all, plain []int
	for i, row := range b.rows {
		if row.method != b.opts.Baseline {
			continue
		}
		if all = append(all, i); len(row.runs[0].Manifest.ScaleRecipe) == 0 {
			plain = append(plain, i)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(plain) == 1:
		return plain[0]
	case len(all) > 1:
		b.warn(WarnUnpaired, "%s has several rows, so nothing is compared with it", b.opts.Baseline)
	}
	return -1
}

// compareRow compares the cells of a row with those of the baseline, and reports whether there was any to compare.
func (b *builder) compareRow(rows []Row, i, base int, columns []Column) bool {
	label := rows[i].Label
	mine, theirs := shared(b.rows[i].finished(b.split), b.rows[base].finished(b.split))
	lone := max(rows[i].N, rows[base].N) - len(mine)
	switch {
	case rows[i].N < minPairs || rows[base].N < minPairs:
		return false
	case len(mine) < minPairs:
		b.warn(WarnUnpaired, "%s: seeds shared with %s: %d, too few to compare them", label, b.opts.Baseline, len(mine))
		return false
	case !sameData(mine[0], theirs[0]):
		b.warn(WarnUnpaired, "%s: other data files than those of %s, so not compared with it", label, b.opts.Baseline)
		return false
	case lone > 0:
		b.warn(WarnUnpaired, "%s: compared with %s over the %d seeds that both have", label, b.opts.Baseline, len(mine))
	}
	compared := false
	var same []string
	for j, c := range columns {
		cell := &rows[i].Cells[j]
		// A seed on which a method broke down must not leave the comparison if it cannot leave the mean.
		_, nominal := c.Metric.Nominal() // neither more nor less is better
		if nominal || !cell.Mean.Defined() || !rows[base].Cells[j].Mean.Defined() {
			continue
		}
		x, _ := b.values(mine, c)
		y, _ := b.values(theirs, c)
		cell.Comparison = newComparison(x, y, c, b.opts.Level)
		compared = true
		if !cell.Comparison.PT.Defined() {
			same = append(same, c.Name())
		}
	}
	if len(same) > 0 {
		b.warn(WarnUntested, "%s: the difference from %s is the same for every seed, so there is no t test: %s",
			label, b.opts.Baseline, strings.Join(same, ", "))
	}
	return compared
}

func newComparison(x, y []float64, c Column, level float64) *Comparison {
	t, w := stats.PairedT(x, y, level), stats.Wilcoxon(x, y)
	gain := -t.Difference / math.Abs(mean(y))
	if c.Higher {
		gain = t.Difference
	}
	return &Comparison{
		Pairs: t.N, Difference: metrics.Value(t.Difference), Low: metrics.Value(t.Low), High: metrics.Value(t.High),
		Gain: metrics.Value(gain), PT: metrics.Value(t.P()), PWilcoxon: metrics.Value(w.P), PAdjusted: metrics.Undefined(),
		differing: w.N,
	}
}

// shared returns the runs of both sides whose seeds both have. Both are and stay in the order of seeds.
func shared(a, b []store.Run) (x, y []store.Run) {
	for _, r := range a {
		i := slices.IndexFunc(b, func(s store.Run) bool { return s.Manifest.Seed == r.Manifest.Seed })
		if i >= 0 {
			x, y = append(x, r), append(y, b[i])
		}
	}
	return x, y
}

// sameData reports whether two runs were made of the same files: errors on other samples are no pairs.
func sameData(a, b store.Run) bool {
	return fmt.Sprint(a.Manifest.Dataset.Files) == fmt.Sprint(b.Manifest.Dataset.Files) // maps print in the order of keys
}

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
		w.Text = fmt.Sprintf("a signed-rank test of %d seeds, adjusted for %d methods, has no p below %.3g", pairs, family,
			adjusted)
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
	return []string{fmt.Sprintf("%s significantly better than %s, %s significantly worse, %s not significant: %s over "+
		"shared seeds, two-sided, "+
		"at level %g after Holm's adjustment over the methods of a column.", MarkBetter, a.Baseline, MarkWorse, MarkNone,
		testNames[a.Test], a.Alpha)}
}
