package analysis

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
)

// groupHeaders head the column of group names.
var groupHeaders = map[By]string{ByBin: "Labels", ByLabel: "Label", ByGenre: "Genre"}

// Sheets lays out one sheet for each metric: groups are rows, methods columns, the best one of a row bold.
func (b Breakdown) Sheets() []reports.Sheet {
	var sheets []reports.Sheet
	for _, m := range b.Metrics {
		sheets = append(sheets, b.sheet(m))
	}
	return sheets
}

func (b Breakdown) sheet(metric metrics.Metric) reports.Sheet {
	m := b.Table.Manifest()
	sheet := reports.Sheet{
		Title: fmt.Sprintf("%s: %s by %s", b.Title, metric.Label(), b.By),
		Caption: append(b.Table.caption(),
			fmt.Sprintf("%s%s of the %s split: mean ± standard deviation (ddof 1) over seeds; n counts %s.",
				metric.Label(), UnitText(m.Dataset.LabelSpace, metric), b.Split, counted(m)),
			"Seeds: "+b.seeds()+"."),
		Columns: []reports.SheetColumn{{Header: groupHeaders[b.By]}},
		Notes:   b.Table.notes(),
	}
	if b.By == ByBin {
		sheet.Columns = append(append(sheet.Columns, reports.SheetColumn{Header: "Shots"}), numbers("Train")...)
	}
	sheet.Columns = append(sheet.Columns, numbers("n")...)
	for _, method := range b.Methods {
		sheet.Columns = append(sheet.Columns, numbers(method.Method+" "+metric.Arrow())...)
	}
	precision := metric.Decimals(m.Dataset.LabelSpace)
	for i, g := range b.Groups {
		sheet.Rows = append(sheet.Rows, append(b.groupCells(g), b.values(i, metric, precision)...))
	}
	return sheet
}

// seeds says how many seeds each method has: "vanilla 5, lds 4".
func (b Breakdown) seeds() string {
	var parts []string
	for _, m := range b.Methods {
		parts = append(parts, fmt.Sprintf("%s %d", m.Method, len(m.Seeds)))
	}
	return strings.Join(parts, ", ")
}

// groupCells are the columns before the methods.
func (b Breakdown) groupCells(g Group) []reports.SheetCell {
	name := reports.Number(g.Name, g.order)
	switch b.By {
	case ByGenre:
		return []reports.SheetCell{reports.Text(g.Name), integer(g.N)}
	case ByBin:
		return []reports.SheetCell{name, reports.Text(g.shots()), integer(g.Train), integer(g.N)}
	}
	return []reports.SheetCell{name, integer(g.N)}
}

// shots lists the shot regions of a group's bins: "many, medium".
func (g Group) shots() string {
	names := make([]string, len(g.Regions))
	for i, r := range g.Regions {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

// values are a group's cells of the methods.
func (b Breakdown) values(group int, metric metrics.Metric, precision int) []reports.SheetCell {
	cells := make([]reports.SheetCell, len(b.Methods))
	best, n := 0, 0
	for i, method := range b.Methods {
		cells[i] = summary(method.Values[metric][group], precision)
		if cells[i].Value == nil {
			continue
		}
		if n++; n == 1 || (*cells[i].Value < *cells[best].Value) != metric.HigherIsBetter() {
			best = i
		}
	}
	for i, c := range cells {
		cells[i].Bold = n > 1 && c.Value != nil && printedMean(c) == printedMean(cells[best])
	}
	return cells
}

func printedMean(c reports.SheetCell) string {
	mean, _, _ := strings.Cut(c.Text, " ")
	return mean
}
