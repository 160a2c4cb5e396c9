package reports

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// againstSheets lay out the comparison with the baseline by the table's first metric: the differences with what they
// buy and cost, and the p-values. There are none if nothing was compared.
func (t Table) againstSheets() []Sheet {
	if t.Against == nil {
		return nil
	}
	var main []int // columns
	for i, c := range t.Columns {
		if c.Metric == t.Columns[0].Metric {
			main = append(main, i)
		}
	}
	effects, ps := t.effectSheet(main), t.pSheet(main)
	for _, r := range t.Rows {
		if compared := r.comparison(main); compared != nil {
			first := []SheetCell{Text(r.Label), Number(strconv.Itoa(compared.Pairs), float64(compared.Pairs))}
			effects.Rows = append(effects.Rows, append(first[:2:2], t.effects(r, main)...))
			ps.Rows = append(ps.Rows, append(first[:2:2], t.pValues(r, main)...))
			if note := floorNote(compared.Pairs, t.Against.Alpha); note != "" && !slices.Contains(ps.Notes, note) {
				ps.Notes = append(ps.Notes, note)
			}
		}
	}
	if len(effects.Rows) == 0 {
		return nil
	}
	return []Sheet{effects, ps}
}

// comparison returns the first one of a row in the given columns: all of them have the same seeds.
func (r Row) comparison(columns []int) *Comparison {
	for _, i := range columns {
		if c := r.Cells[i].Comparison; c != nil {
			return c
		}
	}
	return nil
}

// gainRegions are where a method is to help, and where that may cost something.
var gainRegions = []datasets.Region{datasets.Few, datasets.Many}

func (t Table) effectSheet(main []int) Sheet {
	a, metric := t.Against, t.Columns[0]
	caption := []string{fmt.Sprintf("Benchmark %s: %s of each method minus that of %s, mean [%s t interval, not "+
		"adjusted] over the n seeds that both have; %s.",
		t.Benchmark, metric.Metric.Label(), a.Baseline, percent(a.Level), direction(metric.Higher))}
	of := "as a share of that of " + a.Baseline
	if metric.Higher {
		of = "in units of 1"
	}
	caption = append(caption, fmt.Sprintf("Gain: the improvement %s, positive is better: what a method buys where data "+
		"is scarce, "+
		"beside what it costs where there is plenty.", of))
	s := Sheet{Title: t.Title + " against " + a.Baseline, Caption: append(caption, a.markCaption(t.Rows)...),
		Columns: []SheetColumn{{Header: "Method"}, {Header: "n", Number: true}}}
	for _, i := range main {
		s.Columns = append(s.Columns, SheetColumn{"Δ " + t.Columns[i].header(), true})
	}
	for _, r := range gainRegions {
		s.Columns = append(s.Columns, SheetColumn{titleCase(r.String()) + "-shot gain", true})
	}
	return s
}

func direction(higher bool) string {
	if higher {
		return "positive is better"
	}
	return "negative is better"
}

func (t Table) effects(r Row, main []int) []SheetCell {
	var cells []SheetCell
	for _, i := range main {
		cells = append(cells, r.Cells[i].differenceCell(t.Columns[i].Decimals))
	}
	for _, region := range gainRegions {
		cell := Text(undefinedText)
		for _, i := range main {
			if c := r.Cells[i].Comparison; c != nil && t.Columns[i].Region == region {
				cell = gainCell(c.Gain, t.Columns[i])
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// differenceCell prints "-0.52 [-0.80, -0.24] ▲".
func (c Cell) differenceCell(decimals int) SheetCell {
	if c.Comparison == nil {
		return Text(undefinedText)
	}
	text := signed(c.Comparison.Difference, decimals)
	if c.Comparison.Low.Defined() {
		text += fmt.Sprintf(" [%s, %s]", signed(c.Comparison.Low, decimals), signed(c.Comparison.High, decimals))
	}
	if c.Mark != "" {
		text += " " + c.Mark
	}
	return Number(text, float64(c.Comparison.Difference))
}

func gainCell(gain metrics.Value, c Column) SheetCell {
	switch {
	case !gain.Defined(): // a share of a baseline of 0
		return Text(undefinedText)
	case c.Higher:
		return Number(signed(gain, c.Decimals), float64(gain))
	}
	return Number(Signed(100*float64(gain), 1)+" %", float64(gain))
}

func signed(v metrics.Value, decimals int) string { return Signed(float64(v), decimals) }

func (t Table) pSheet(main []int) Sheet {
	a := t.Against
	caption := fmt.Sprintf("Two-sided p-values of the differences in %s: t, the paired t test; W, the Wilcoxon "+
		"signed-rank test; "+
		"Holm, the %s after Holm's adjustment over the methods of a region.", t.Columns[0].Metric.Label(), testNames[a.Test])
	s := Sheet{Title: t.Title + " against " + a.Baseline + ": p-values", Caption: []string{caption},
		Columns: []SheetColumn{{Header: "Method"}, {Header: "n", Number: true}}}
	for _, i := range main {
		for _, test := range []string{"t", "W", "Holm"} {
			s.Columns = append(s.Columns, SheetColumn{titleCase(t.Columns[i].Region.String()) + " " + test, true})
		}
	}
	return s
}

func (t Table) pValues(r Row, main []int) []SheetCell {
	var cells []SheetCell
	for _, i := range main {
		c := r.Cells[i].Comparison
		if c == nil {
			c = &Comparison{PT: metrics.Undefined(), PWilcoxon: metrics.Undefined(), PAdjusted: metrics.Undefined()}
		}
		cells = append(cells, pCell(c.PT), pCell(c.PWilcoxon), pCell(c.PAdjusted))
	}
	return cells
}

func pCell(p metrics.Value) SheetCell {
	if !p.Defined() {
		return Text(undefinedText)
	}
	return Number(pText(p), float64(p))
}

// pText prints a p-value with three decimals, or a tiny one by its size.
func pText(p metrics.Value) string {
	switch {
	case !p.Defined():
		return undefinedText
	case p == 0:
		return "0"
	case p < 0.0005:
		return fmt.Sprintf("%.0e", float64(p))
	}
	return format(p, 3)
}
