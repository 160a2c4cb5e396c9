package analysis

import (
	"fmt"
	"strconv"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
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
	lines := []string{fmt.Sprintf("Benchmark %s, scale %s, %s semantics.", m.Benchmark, m.Scale, m.Semantics)}
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

// summary prints mean ± standard deviation (ddof 1) of one value a seed, — if any of them is undefined: leaving out seeds would
// flatter a method.
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
