package reports

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
)

// What ranks across benchmarks need at least: methods, benchmarks, and seeds behind a mean. With fewer benchmarks no test of ranks
// tells methods apart, and the order after a single seed is chance.
const (
	minRanked = 3
	minBlocks = 5
	minSeeds  = 2
)

// Ranking ranks methods across benchmarks, each by its table's first metric in one region (Demšar, JMLR 2006). Its blocks are
// tables, one for each dataset, all of real data or all of twins, and of the same semantics.
type Ranking struct {
	Region   datasets.Region `json:"region"` // All or Few
	Twin     bool            `json:"twin"`
	Fidelity string          `json:"semantics"`
	Blocks   []string        `json:"blocks"`  // dataset of each
	Methods  []RankedMethod  `json:"methods"` // by mean rank
	Alpha    float64         `json:"alpha"`

	ChiSquare    metrics.Value `json:"chi_square"` // Friedman's
	F            metrics.Value `json:"f"`          // of Iman and Davenport; null if it is infinite, all blocks being in one order
	PF           metrics.Value `json:"p_f"`
	PPermutation metrics.Value `json:"p_permutation"` // decides whether methods differ at all
	// CriticalDifference is Nemenyi's: methods whose mean ranks lie at least this far apart differ, if PPermutation is at most Alpha.
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
