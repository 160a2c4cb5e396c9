package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
)

// What ranks across benchmarks need at least: methods, benchmarks, and seeds behind a mean. With fewer benchmarks no
// test of ranks tells methods apart, and the order after a single seed is chance.
const (
	minRanked = 3
	minBlocks = 5
	minSeeds  = 2
)

// Ranking ranks methods across benchmarks, each by its table's first metric in one region (Demšar, JMLR 2006). Its
// blocks are tables, one for each dataset, all of real data or all of twins, and of the same semantics.
type Ranking struct {
	Region   datasets.Region `json:"region"` // All or Few
	Twin     bool            `json:"twin"`
	Fidelity string          `json:"semantics"`
	Blocks   []string        `json:"blocks"`  // dataset of each
	Methods  []RankedMethod  `json:"methods"` // by mean rank
	Alpha    float64         `json:"alpha"`

	ChiSquare    metrics.Value `json:"chi_square"` // Friedman's
	F            metrics.Value `json:"f"`          // of Iman and Davenport; null if infinite: all blocks in one order
	PF           metrics.Value `json:"p_f"`
	PPermutation metrics.Value `json:"p_permutation"` // decides whether methods differ at all
	// CriticalDifference is Nemenyi's: methods whose mean ranks lie at least this far apart differ, if PPermutation is
	// at most Alpha.
	CriticalDifference float64 `json:"critical_difference"`
	// Cliques are the largest groups of methods that do not differ, each by its first and last place in Methods, from 0.
	Cliques []stats.Clique `json:"cliques"`
	// LeftOut says which methods and tables have no part in the ranks, and why.
	LeftOut []string `json:"left_out"`
}

// RankedMethod is a method's place.
type RankedMethod struct {
	Method   string    `json:"method"`
	MeanRank float64   `json:"mean_rank"` // 1 is the best
	Ranks    []float64 `json:"ranks"`     // in each block
}

// Significant reports whether Friedman's test tells the methods apart at all; only then Nemenyi's may tell which.
func (r Ranking) Significant() bool { return float64(r.PPermutation) <= r.Alpha }

// rankedRegions are the regions by which methods are ranked.
var rankedRegions = []datasets.Region{metrics.All, datasets.Few}

// rank ranks the methods of the tables; there is nothing where the assumptions of the test do not hold.
func rank(tables []Table, alpha float64) []Ranking {
	type world struct {
		twin     bool
		fidelity string
	}
	var worlds []world
	blocks := map[world][]Table{}
	for _, t := range tables {
		w := world{t.Twin, t.Fidelity}
		if blocks[w] == nil {
			worlds = append(worlds, w)
		}
		blocks[w] = append(blocks[w], t)
	}
	var rankings []Ranking
	for _, w := range worlds {
		for _, region := range rankedRegions {
			r := ranker{Ranking: Ranking{Region: region, Twin: w.twin, Fidelity: w.fidelity, Alpha: alpha, LeftOut: []string{}}}
			if r.rank(blocks[w]) {
				rankings = append(rankings, r.Ranking)
			}
		}
	}
	return rankings
}

// ranker makes one ranking.
type ranker struct {
	Ranking
	scores []map[string]float64 // of each block by method, smaller being better
	seen   []string             // all methods, in order
}

// rank reports whether there is enough to rank.
func (r *ranker) rank(tables []Table) bool {
	r.collect(tables)
	methods := r.common()
	if len(methods) < minRanked || len(r.Blocks) < minBlocks {
		return false
	}
	blocks := make([][]float64, len(r.scores))
	for i, scores := range r.scores {
		for _, m := range methods {
			blocks[i] = append(blocks[i], scores[m])
		}
	}
	r.test(methods, blocks)
	return true
}

// collect fills blocks and scores, one for each dataset.
func (r *ranker) collect(tables []Table) {
	seen := map[string]bool{}
	for _, t := range tables {
		scores := t.scores(r.Region)
		switch {
		case len(scores) == 0:
			r.leaveOut("%s: no method with %d seeds", t.block(), minSeeds)
			continue
		case seen[t.Dataset]:
			r.leaveOut("%s: another table of the same data", t.block())
			continue
		}
		seen[t.Dataset] = true
		r.Blocks, r.scores = append(r.Blocks, t.Dataset), append(r.scores, scores)
		for _, row := range t.Rows {
			if row.N > 0 && !slices.Contains(r.seen, row.Method) {
				r.seen = append(r.seen, row.Method)
			}
		}
	}
	slices.SortFunc(r.seen, compareMethods)
}

func (t Table) block() string {
	return fmt.Sprintf("%s (%s, %s, %s)", t.Dataset, t.Benchmark, t.Scale, t.Selection)
}

func (r *ranker) leaveOut(format string, args ...any) {
	r.LeftOut = append(r.LeftOut, fmt.Sprintf(format, args...))
}

// scores returns the first metric's mean in a region by method, negated where larger is better. Methods with several
// rows or a single seed have none.
func (t Table) scores(region datasets.Region) map[string]float64 {
	column := slices.IndexFunc(t.Columns, func(c Column) bool {
		return c.Metric == t.Columns[0].Metric && c.Region == region
	})
	scores, rows := map[string]float64{}, map[string]int{}
	for _, r := range t.Rows {
		rows[r.Method]++
		if v := r.Cells[column].Mean; r.N >= minSeeds && v.Defined() {
			if scores[r.Method] = float64(v); t.Columns[column].Higher {
				scores[r.Method] = -float64(v)
			}
		}
	}
	for m, n := range rows {
		if n > 1 {
			delete(scores, m)
		}
	}
	return scores
}

// common returns the methods that all blocks have, in order, and leaves out the others by name.
func (r *ranker) common() []string {
	var methods []string
	for _, m := range r.seen {
		var missing []string
		for i, scores := range r.scores {
			if _, ok := scores[m]; !ok {
				missing = append(missing, r.Blocks[i])
			}
		}
		if len(missing) == 0 {
			methods = append(methods, m)
		} else {
			r.leaveOut("%s: no single row of at least %d seeds in %s", m, minSeeds, strings.Join(missing, ", "))
		}
	}
	return methods
}

func (r *ranker) test(methods []string, blocks [][]float64) {
	test := stats.Friedman(blocks, stats.Shuffles)
	r.ChiSquare, r.F = metrics.Value(test.ChiSquare), metrics.Value(test.F)
	r.PF, r.PPermutation = metrics.Value(test.PF), metrics.Value(test.PPermutation)
	for i, m := range methods {
		ranked := RankedMethod{Method: m, MeanRank: test.MeanRanks[i]}
		for _, b := range blocks {
			ranked.Ranks = append(ranked.Ranks, metrics.Ranks(b)[i])
		}
		r.Methods = append(r.Methods, ranked)
	}
	slices.SortStableFunc(r.Methods, func(a, b RankedMethod) int { return cmp.Compare(a.MeanRank, b.MeanRank) })
	r.CriticalDifference = stats.CriticalDifference(len(methods), len(blocks), r.Alpha)
	difference := r.CriticalDifference
	if !r.Significant() {
		difference = math.Inf(1) // nothing tells any of them apart
	}
	means := make([]float64, len(r.Methods))
	for i, m := range r.Methods {
		means[i] = m.MeanRank
	}
	r.Cliques = stats.Cliques(means, difference)
}

// Sheet lays a ranking out: methods by mean rank, the letters of the groups that do not differ, and the rank on each
// dataset.
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
		title += " (synthetic twins, not real data)"
	}
	return title
}

func (r Ranking) caption() []string {
	lines := []string{
		fmt.Sprintf("Methods ranked on each dataset by the first metric of its table, the mean over the seeds, 1 "+
			"being the best; "+
			"%s semantics.", r.Fidelity),
		fmt.Sprintf("Friedman test: p = %s by permutation of the ranks; Iman–Davenport F = %s, p = %s.",
			pText(r.PPermutation), r.fText(), pText(r.PF)),
	}
	if !r.Significant() {
		return append(lines, fmt.Sprintf("So at level %g nothing tells the methods apart.", r.Alpha))
	}
	return append(lines, fmt.Sprintf("Nemenyi critical difference at level %g: %.2f; methods that share a letter do not "+
		"differ significantly.",
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

// letters names the groups of the ith method: a letter for each clique, and one for a method that differs from all
// others.
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
