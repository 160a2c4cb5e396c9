package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// exactPairs is the number of pairs up to which the distribution of the signed ranks is counted out.
const exactPairs = 25

// SignedRank is the result of Wilcoxon's test.
type SignedRank struct {
	N int     // pairs that differ
	W float64 // rank sum of the positive differences
	P float64 // two-sided; NaN if no pair differs
}

// Wilcoxon is the signed-rank test of the pairs of x and y (Wilcoxon, Individual Comparisons by Ranking Methods, Biometrics 1945).
// Pairs that do not differ are left out, as Wilcoxon does; equal differences share their mean rank. Up to 25 pairs the p-value is
// exact, with ties too: all 2^n signs of the ranks at hand are counted. Beyond that it is the normal approximation with the
// variance corrected for ties and no correction for continuity. SciPy gives the same, except for up to 25 pairs with ties
// or zeros, where its default is the approximation. It panics if the lengths differ.
func Wilcoxon(x, y []float64) SignedRank {
	var sizes []float64
	var positive []bool
	for _, d := range differences(x, y) {
		if d != 0 {
			sizes, positive = append(sizes, math.Abs(d)), append(positive, d > 0)
		}
	}
	ranks := metrics.Ranks(sizes)
	w := 0.0
	for i, r := range ranks {
		if positive[i] {
			w += r
		}
	}
	result := SignedRank{len(ranks), w, math.NaN()}
	switch {
	case len(ranks) == 0:
	case len(ranks) <= exactPairs:
		result.P = exactP(ranks, w)
	default:
		result.P = normalP(ranks, w)
	}
	return result
}

// MinP returns the smallest two-sided p-value that a signed-rank test of n pairs can give, 2^(1-n): 0.0625 for 5.
func MinP(n int) float64 { return min(1, math.Ldexp(1, 1-n)) }

// exactP counts the sign patterns by their sum. Mean ranks are multiples of a half, so twice the ranks are whole numbers.
func exactP(ranks []float64, w float64) float64 {
	counts := []float64{1} // by twice the sum
	for _, r := range ranks {
		shift := int(2 * r)
		next := make([]float64, len(counts)+shift)
		for sum, c := range counts {
			next[sum] += c
			next[sum+shift] += c
		}
		counts = next
	}
	observed := int(2 * w)
	observed = min(observed, len(counts)-1-observed) // the distribution is symmetric
	tail := 0.0
	for _, c := range counts[:observed+1] {
		tail += c
	}
	return min(1, 2*math.Ldexp(tail, -len(ranks)))
}

// normalP needs no separate correction for ties: the variance of W is Σr²/4 over the mean ranks.
func normalP(ranks []float64, w float64) float64 {
	var sum, squares float64
	for _, r := range ranks {
		sum += r
		squares += r * r
	}
	z := (w - sum/2) / math.Sqrt(squares/4)
	return 2 * distuv.UnitNormal.CDF(-math.Abs(z))
}
