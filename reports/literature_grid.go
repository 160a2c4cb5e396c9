package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/published"
)

// publishedGrid lays out published rows: method, where it is from, figures, the row identity, and the protocol where rows differ in
// it. Sources are numbered footnotes.
type publishedGrid struct {
	metrics  []metrics.Metric
	measured *Table   // rows above the published ones; may be nil
	protocol bool     // a column for it
	columns  []string // what figures stand for; nil means regions
	sources  []string
	notes    []string
}

func (g *publishedGrid) sheet(rows []PublishedRow) Sheet {
	s := Sheet{Columns: []SheetColumn{{Header: "Method"}, {Header: "From"}}}
	for _, m := range g.metrics {
		for i, region := range metrics.Regions {
			name := region.String()
			if g.columns != nil {
				name = g.columns[i]
			}
			s.Columns = append(s.Columns, SheetColumn{m.Label() + " " + titleCase(name) + " " + m.Arrow(), true})
		}
	}
	s.Columns = append(s.Columns, SheetColumn{Header: "Row identity"})
	if g.protocol {
		s.Columns = append(s.Columns, SheetColumn{Header: "Protocol"})
	}
	s.Rows = append(g.measuredRows(), g.publishedRows(rows)...)
	for i, source := range g.sources {
		s.Notes = append(s.Notes, fmt.Sprintf("[%d] %s", i+1, source))
	}
	s.Notes = append(s.Notes, g.notes...)
	return s
}

func (g *publishedGrid) measuredRows() (rows [][]SheetCell) {
	if g.measured == nil {
		return nil
	}
	for _, r := range g.measured.Rows {
		if r.N == 0 || len(r.changed()) > 0 {
			continue
		}
		row := []SheetCell{Text(r.Label), Text(fmt.Sprintf("measured, n = %d", r.N))}
		for _, m := range g.metrics {
			for _, region := range metrics.Regions {
				row = append(row, g.measuredCell(r, m, region))
			}
		}
		rows = append(rows, append(row, Text(g.measuredIdentity())))
	}
	return rows
}

// measuredIdentity sums up what the table says of its runs.
func (g *publishedGrid) measuredIdentity() string {
	if slices.ContainsFunc(g.measured.Warnings, func(w Warning) bool { return w.Kind == WarnIdentity }) {
		return "fails in some run"
	}
	return "holds"
}

// measuredCell repeats a cell of the table without the marks, which compare rows of that table only.
func (g *publishedGrid) measuredCell(r Row, m metrics.Metric, region datasets.Region) SheetCell {
	i := slices.IndexFunc(g.measured.Columns, func(c Column) bool { return c.Metric == m && c.Region == region })
	if i < 0 || !r.Cells[i].Mean.Defined() {
		return Text(undefinedText)
	}
	return Number(strings.TrimSuffix(r.Cells[i].Text, " "+r.Cells[i].Mark), float64(r.Cells[i].Mean))
}

func (g *publishedGrid) publishedRows(list []PublishedRow) (rows [][]SheetCell) {
	for _, r := range list {
		label := r.Method
		if r.Printed != "" {
			label += " (printed " + r.Printed + ")"
		}
		source := g.source(r)
		row := []SheetCell{Text(label), Text(fmt.Sprintf("%s [%d]", r.Tier, source))}
		for _, m := range g.metrics {
			row = append(row, r.cells(m)...)
		}
		row = append(row, Text(r.identity(g.metrics)))
		if g.protocol {
			row = append(row, Text(r.Protocol))
		}
		rows = append(rows, row)
		for _, n := range r.Notes {
			g.notes = append(g.notes, fmt.Sprintf("%s [%d]: %s", r.Method, source, n))
		}
	}
	return rows
}

// source returns the number of a row's source.
func (g *publishedGrid) source(r PublishedRow) int {
	text := r.Source
	if r.comments != "" {
		text += ": " + r.comments
	}
	i := slices.Index(g.sources, text)
	if i < 0 {
		i = len(g.sources)
		g.sources = append(g.sources, text)
	}
	return i + 1
}

// cells returns a row's figures by a metric.
func (r PublishedRow) cells(m metrics.Metric) []SheetCell {
	cells := make([]SheetCell, len(published.Figures{}))
	f := r.figure(m)
	for i := range cells {
		if cells[i] = Text(undefinedText); f != nil && f.Values[i] != nil {
			cells[i] = Number(fmt.Sprintf("%.*f", f.Decimals, *f.Values[i]), *f.Values[i])
		}
	}
	return cells
}
