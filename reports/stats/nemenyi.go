package stats

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// StudentizedRange returns the value below which the range of k normal numbers of variance 1 lies with probability p: the quantile of
// the studentized range with infinite degrees of freedom (Tukey 1949; Hartley, Biometrika 1942, for the integral).
func StudentizedRange(p float64, k int) float64 {
	low, high := 0.0, 1.0
	for rangeCDF(high, k) < p {
		high *= 2
	}
	for high-low > 1e-12*high {
		if middle := (low + high) / 2; rangeCDF(middle, k) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// rangeCDF is P(range ≤ q) = k ∫ φ(z) (Φ(z+q) - Φ(z))^(k-1) dz, z being the smallest of the k numbers.
func rangeCDF(q float64, k int) float64 {
	const end, points = 9, 200 // φ(9) < 1e-17
	normal := distuv.UnitNormal
	return float64(k) * quad.Fixed(func(z float64) float64 {
		return normal.Prob(z) * math.Pow(normal.CDF(z+q)-normal.CDF(z), float64(k-1))
	}, -end, end, points, nil, 0)
}

// CriticalDifference returns Nemenyi's: mean ranks of k treatments over n blocks that lie at least this far apart differ at level
// alpha (Nemenyi 1963; Demšar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 2006, section 3.2.2).
func CriticalDifference(k, n int, alpha float64) float64 {
	q := StudentizedRange(1-alpha, k) / math.Sqrt2
	return q * math.Sqrt(float64(k*(k+1))/float64(6*n))
}

// Clique is a run of treatments, both ends included, by their places in ascending order of mean rank.
type Clique struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Cliques returns the largest groups of at least two treatments whose mean ranks, given in ascending order, lie less than the
// critical difference apart: the bars of Demšar's diagram.
func Cliques(meanRanks []float64, difference float64) []Clique {
	var cliques []Clique
	end := 0 // of the last clique
	for first := range meanRanks {
		last := first
		for last+1 < len(meanRanks) && meanRanks[last+1]-meanRanks[first] < difference {
			last++
		}
		if last > first && last > end {
			cliques = append(cliques, Clique{first, last})
			end = last
		}
	}
	return cliques
}
