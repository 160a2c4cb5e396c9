package reports

import (
	"fmt"
	"slices"
	"strconv"
)

// Sheet lays a ranking out: methods by mean rank, the letters of the groups that do not differ, and the rank on each dataset.
func (r Ranking) Sheet() Sheet {
	s := Sheet{
		Title:   r.title(),
		Caption: r.caption(),
		Columns: []SheetColumn{{Header: "Method"}, {Header: "Mean rank ↓", Number: true}, {Header: "Group"}},
	}
	for _, b := range r.Blocks {
		s.Columns = append(s.Columns, SheetColumn{b, true})
	}
	for i, m := range r.Methods {
		row := []SheetCell{Text(m.Method), Number(fmt.Sprintf("%.2f", m.MeanRank), m.MeanRank), Text(r.letters(i))}
		for _, v := range m.Ranks {
			row = append(row, Number(strconv.FormatFloat(v, 'f', -1, 64), v))
		}
		s.Rows = append(s.Rows, row)
	}
	for _, note := range r.LeftOut {
		s.Notes = append(s.Notes, "left out: "+note)
	}
	return s
}

func (r Ranking) title() string {
	title := fmt.Sprintf("Ranks across %d datasets", len(r.Blocks))
	if r.Region != rankedRegions[0] {
		title += ", " + r.Region.String() + "-shot"
	}
	if r.Twin {
		title += " (procedural twins, not real data)"
	}
	return title
}

func (r Ranking) caption() []string {
	lines := []string{
		fmt.Sprintf("Methods ranked on each dataset by the first metric of its table, the mean over the seeds, 1 being the best; "+
			"%s semantics.", r.Fidelity),
		fmt.Sprintf("Friedman test: p = %s by permutation of the ranks; Iman–Davenport F = %s, p = %s.",
			pText(r.PPermutation), r.fText(), pText(r.PF)),
	}
	if !r.Significant() {
		return append(lines, fmt.Sprintf("So at level %g nothing tells the methods apart.", r.Alpha))
	}
	return append(lines, fmt.Sprintf("Nemenyi critical difference at level %g: %.2f; methods that share a letter do not differ significantly.",
		r.Alpha, r.CriticalDifference))
}

func (r Ranking) fText() string {
	switch {
	case r.F.Defined():
		return fmt.Sprintf("%.2f", float64(r.F))
	case r.ChiSquare.Defined():
		return "∞"
	}
	return undefinedText
}

// letters names the groups of the ith method: a letter for each clique, and one for a method that differs from all others.
func (r Ranking) letters(method int) string {
	groups := make([][2]int, 0, len(r.Methods))
	for _, c := range r.Cliques {
		groups = append(groups, [2]int{c.First, c.Last})
	}
	for i := range r.Methods {
		if !slices.ContainsFunc(groups, func(g [2]int) bool { return g[0] <= i && i <= g[1] }) {
			groups = append(groups, [2]int{i, i})
		}
	}
	slices.SortFunc(groups, func(a, b [2]int) int { return a[0] - b[0] })
	text := ""
	for i, g := range groups {
		if g[0] <= method && method <= g[1] {
			text += string(rune('a' + i))
		}
	}
	return text
}
