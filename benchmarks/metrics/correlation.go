package metrics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Correlation returns Pearson's correlation, NaN for fewer than two samples or a constant input. Constancy is tested on
// the values, since the variance of a constant may come out as a rounding error instead of 0.
func Correlation(x, y []float64) float64 {
	if len(x) < 2 || slices.Min(x) == slices.Max(x) || slices.Min(y) == slices.Max(y) {
		return math.NaN()
	}
	return max(-1, min(stat.Correlation(x, y, nil), 1))
}

// spearman returns Spearman's rank correlation, tied values sharing their average rank.
func spearman(x, y []float64) float64 {
	if slices.ContainsFunc(x, math.IsNaN) || slices.ContainsFunc(y, math.IsNaN) {
		return math.NaN()
	}
	return Correlation(Ranks(x), Ranks(y))
}

// Ranks returns the rank of each value in ascending order, from 1; equal values get the mean of the ranks they cover.
func Ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	r := make([]float64, len(x))
	for start := 0; start < len(order); {
		end := start
		for end < len(order) && x[order[end]] == x[order[start]] {
			end++
		}
		for _, i := range order[start:end] {
			r[i] = float64(start+1+end) / 2
		}
		start = end
	}
	return r
}
