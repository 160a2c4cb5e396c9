package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/published"
)

// sheets lay out, for each comparable table, its rows and the published ones of the official protocol; then all
// published rows that stand beside nothing, by test set.
func (l Literature) sheets(tables []Table) []Sheet {
	var sheets []Sheet
	used := false
	for _, b := range l.Beside {
		if len(b.Obstacles) == 0 && slices.ContainsFunc(l.Rows, PublishedRow.comparable) {
			used = true
			sheets = append(sheets, l.besideSheet(tables[b.Table], b))
		}
	}
	variants := []string{}
	for _, r := range l.Rows {
		if !slices.Contains(variants, r.Variant) && (!used || !r.comparable()) {
			variants = append(variants, r.Variant)
		}
	}
	for _, v := range variants {
		sheets = append(sheets, l.apartSheet(tables, v, used))
	}
	return sheets
}

func (r PublishedRow) comparable() bool { return r.Protocol == published.Official && r.Variant == "" }

// rows returns the published rows that a function chooses.
func (l Literature) rows(choose func(PublishedRow) bool) (rows []PublishedRow) {
	for _, r := range l.Rows {
		if choose(r) {
			rows = append(rows, r)
		}
	}
	return rows
}

func (l Literature) besideSheet(t Table, b Beside) Sheet {
	rows := l.rows(PublishedRow.comparable)
	grid := publishedGrid{metrics: shownMetrics(rows), measured: &t}
	s := grid.sheet(rows)
	s.Title = t.Title + " beside published results"
	s.Caption = []string{
		fmt.Sprintf("Benchmark %s, scale %s, %s semantics: rows measured here, then rows published under the same "+
			"protocol, most of them "+
			"of one run without a spread.", t.Benchmark, t.Scale, t.Fidelity), tierCaption, identityCaption}
	for _, left := range b.LeftOut {
		s.Notes = append(s.Notes, "left out, for it is another protocol: "+left)
	}
	return s
}

// The sentences below every table with published rows.
const (
	tierCaption = "Primary: by the method's authors; rerun: a later paper's own run; requoted: copied by a later paper; " +
		"secondary: quoted in third-party notes."
	identityCaption = "A row whose All does not follow from Many, Medium and Few with the sizes of the " +
		"official test set, " +
		"up to rounding, is no result of one run on it."
)

// apartSheet lists the rows of a test set that must not stand beside measured ones; used means that those of the
// official protocol do.
func (l Literature) apartSheet(tables []Table, variant string, used bool) Sheet {
	rows := l.rows(func(r PublishedRow) bool { return r.Variant == variant && !(used && r.comparable()) })
	grid := publishedGrid{metrics: shownMetrics(rows), protocol: true, columns: rows[0].Columns}
	s := grid.sheet(rows)
	s.Title = "Published results on " + l.Benchmark
	if variant != "" {
		s.Title += ", " + variant
	}
	s.Title += ": not comparable with measured rows"
	switch {
	case variant != "":
		s.Caption = append(s.Caption, "Another test set than the benchmark's own.")
	case used:
		s.Caption = append(s.Caption, "Other protocols than the official one.")
	}
	for _, b := range l.Beside {
		if t := tables[b.Table]; variant == "" && len(b.Obstacles) > 0 {
			s.Caption = append(s.Caption, fmt.Sprintf("Not comparable with %q: %s.",
				t.Title, strings.Join(slices.Concat(b.Obstacles, b.leftOut()), "; ")))
		}
	}
	s.Caption = append(s.Caption, tierCaption, identityCaption)
	return s
}

// leftOut returns the reasons that concern rows, if that is why nothing is comparable.
func (b Beside) leftOut() []string {
	if len(b.Obstacles) == 1 && len(b.LeftOut) > 0 {
		return b.LeftOut
	}
	return nil
}

// shownMetrics returns the metrics of the rows.
func shownMetrics(rows []PublishedRow) (list []metrics.Metric) {
	for _, m := range metrics.Known {
		if slices.ContainsFunc(rows, func(r PublishedRow) bool { return r.figure(m) != nil }) {
			list = append(list, m)
		}
	}
	return list
}

func (r PublishedRow) figure(m metrics.Metric) *PublishedFigure {
	i := slices.IndexFunc(r.Figures, func(f PublishedFigure) bool { return f.Metric == m })
	if i < 0 {
		return nil
	}
	return &r.Figures[i]
}

// publishedGrid lays out published rows: method, where it is from, figures, the row identity, and the protocol where
// rows differ in it. Sources are numbered footnotes.
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
