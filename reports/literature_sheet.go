package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/published"
)

// sheets lay out, for each comparable table, its rows and the published ones of the official protocol; then all published rows that
// stand beside nothing, by test set.
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
		fmt.Sprintf("Benchmark %s, scale %s, %s semantics: rows measured here, then rows published under the same protocol, most of them "+
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
	identityCaption = "A row whose All does not follow from Many, Medium and Few with the sizes of the official test set, " +
		"up to rounding, is no result of one run on it."
)

// apartSheet lists the rows of a test set that must not stand beside measured ones; used means that those of the official protocol do.
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
