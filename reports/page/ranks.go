package page

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/charts"
)

// Ranks are a ranking across benchmarks.
type Ranks struct {
	Sheet  reports.Sheet
	Figure *Figure // nil where the ranks tell no methods apart
}

func newRanks(number int, s reports.Section) Ranks {
	r, ranks := s.Ranking, Ranks{Sheet: s.Sheets[0]}
	if !r.Significant() {
		return ranks
	}
	d := charts.RankDiagram{Title: ranks.Sheet.Title, Difference: r.CriticalDifference}
	for _, m := range r.Methods {
		d.Methods, d.MeanRanks = append(d.Methods, m.Method), append(d.MeanRanks, m.MeanRank)
	}
	for _, c := range r.Cliques {
		d.Cliques = append(d.Cliques, [2]int{c.First, c.Last})
	}
	ranks.Figure = &Figure{
		ID:      fmt.Sprintf("ranks-%d-%s", number+1, r.Region),
		Caption: "Critical-difference diagram: bars join methods whose mean ranks do not differ significantly.",
		Alt:     fmt.Sprintf("Methods on an axis of mean ranks, from the best: %s.", strings.Join(d.Methods, ", ")),
		Figure:  charts.Ranks(d),
	}
	return ranks
}
