package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// notes are the footnotes of every sheet of the table.
func (t Table) notes() []string {
	if t.Missing == 0 {
		return nil
	}
	return []string{fmt.Sprintf("runs that are not done or cannot be read, left out: %d", t.Missing)}
}

// caption begins the caption of every sheet.
func (t Table) caption() []string {
	m := t.Manifest()
	lines := []string{reports.ProtocolLine(m)}
	if m.Note != "" {
		lines = append(lines, reports.Sentence(m.Note))
	}
	return lines
}

// counted is what predictions are about.
func counted(m store.Manifest) string {
	if m.Dataset.Dense() {
		return "pixels"
	}
	return "samples"
}

// number formats a label or a count without trailing zeros.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// summary prints mean ± standard deviation (ddof 1) of one value a seed, — if any of them is undefined: leaving out
// seeds would flatter a method.
func summary(values []metrics.Value, decimals int) reports.SheetCell {
	list := make([]float64, len(values))
	for i, v := range values {
		if !v.Defined() {
			return reports.Text("—")
		}
		list[i] = float64(v)
	}
	if len(list) == 0 {
		return reports.Text("—")
	}
	mean := stat.Mean(list, nil)
	text := reports.Fixed(mean, decimals)
	if len(list) > 1 {
		text += " ± " + reports.Fixed(stat.StdDev(list, nil), decimals)
	}
	return reports.Number(text, mean)
}

// numbers are columns aligned to the right.
func numbers(headers ...string) []reports.SheetColumn {
	columns := make([]reports.SheetColumn, len(headers))
	for i, h := range headers {
		columns[i] = reports.SheetColumn{Header: h, Number: true}
	}
	return columns
}

func integer(n int) reports.SheetCell { return reports.Number(strconv.Itoa(n), float64(n)) }

// similarity is the name of a label that has no unit.
const similarity = "similarity"

// UnitText follows the name of a metric: " (years)" on the label's scale, " (years²)" on that of its square, nothing
// without a unit.
func UnitText(space datasets.LabelSpace, m metrics.Metric) string {
	unit := m.Unit(space)
	if unit == "" || space.Unit == similarity {
		return ""
	}
	return " (" + unit + ")"
}

// LabelName titles an axis of labels: "label (years)".
func LabelName(space datasets.LabelSpace) string {
	switch space.Unit {
	case "":
		return "label"
	case similarity:
		return similarity
	}
	return "label (" + space.Unit + ")"
}

// labelRange names the labels of neighbouring bins: "30" or "30–34" where bins are whole numbers, else "1.2–1.4", whose
// end belongs to the next bin. The last bin of whole numbers, which pools what is above, is "120+".
func labelRange(space datasets.LabelSpace, first, last int) string {
	from := number(space.Lower(first))
	if space.Rule != datasets.BinInteger {
		return from + "–" + number(space.Upper(last))
	}
	switch {
	case last == space.Bins-1 && space.Max > space.Lower(last)+1:
		if first < last {
			return from + "–" + number(space.Lower(last)) + "+"
		}
		return from + "+"
	case first < last:
		return from + "–" + number(space.Lower(last))
	}
	return from
}

// labelRanges names the bins that a function chooses, neighbours together.
func labelRanges(space datasets.LabelSpace, chosen func(bin int) bool) string {
	var parts []string
	for first := 0; first < space.Bins; first++ {
		if !chosen(first) {
			continue
		}
		last := first
		for last+1 < space.Bins && chosen(last+1) {
			last++
		}
		parts = append(parts, labelRange(space, first, last))
		first = last
	}
	return strings.Join(parts, ", ")
}
