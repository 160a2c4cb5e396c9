package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
)

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

// scores returns the first metric's mean in a region by method, negated where larger is better. Methods with several rows or a
// single seed have none.
func (t Table) scores(region datasets.Region) map[string]float64 {
	column := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Metric == t.Columns[0].Metric && c.Region == region })
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
