package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns the adjusted p-values of a family: in ascending order the i-th of n, from 0, is multiplied by n-i, and none is
// smaller than the one before it (Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of
// Statistics 1979). A p-value that is NaN was not tested: it stays NaN and does not count.
func Holm(p []float64) []float64 {
	adjusted := slices.Clone(p)
	var tested []int
	for i, v := range p {
		if !math.IsNaN(v) {
			tested = append(tested, i)
		}
	}
	slices.SortStableFunc(tested, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	last := 0.0
	for rank, i := range tested {
		last = max(last, min(1, p[i]*float64(len(tested)-rank)))
		adjusted[i] = last
	}
	return adjusted
}
