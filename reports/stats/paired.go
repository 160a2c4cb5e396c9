package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// rounding is the share of the values up to which differences count as equal: 6.3-5.8 and 5.5-5 are.
const rounding = 1e-12

// TTest is Student's statistic with its degrees of freedom; both are NaN where a sample has no variance.
type TTest struct{ T, DoF float64 }

var noTTest = TTest{math.NaN(), math.NaN()}

// P is the two-sided p-value.
func (t TTest) P() float64 {
	if math.IsNaN(t.T) {
		return math.NaN()
	}
	return 2 * student(t.DoF).CDF(-math.Abs(t.T)) // not 1-CDF, which has no digits left where p is tiny
}

// PGreater is the one-sided p-value of the alternative that the first sample has the larger mean.
func (t TTest) PGreater() float64 {
	if math.IsNaN(t.T) {
		return math.NaN()
	}
	return student(t.DoF).CDF(-t.T)
}

// Paired is the mean difference of pairs with Student's interval and test.
type Paired struct {
	N          int
	Difference float64 // mean of x-y; NaN without pairs
	Interval           // of the difference
	TTest              // paired; NaN for fewer than two pairs or without variance
}

// PairedT compares x with y pair by pair (Student, Biometrika 1908): t = d·√n/s with n-1 degrees of freedom, d and s
// being mean and standard deviation of the differences. If all differences are the same up to rounding there is neither
// test nor interval. It panics if the lengths differ.
func PairedT(x, y []float64, level float64) Paired {
	d := differences(x, y)
	p := Paired{len(d), math.NaN(), undefined, noTTest}
	if len(d) == 0 {
		return p
	}
	p.Difference = stat.Mean(d, nil)
	if p.Interval = MeanT(d, level); math.IsNaN(p.Low) {
		return p
	}
	n := float64(len(d))
	p.TTest = TTest{p.Difference * math.Sqrt(n) / stat.StdDev(d, nil), n - 1}
	return p
}

// WelchT compares two samples of any sizes and variances (Welch, The Generalization of 'Student's' Problem, Biometrika
// 1947), with the degrees of freedom of Satterthwaite. It is NaN for fewer than two values or where neither varies.
func WelchT(x, y []float64) TTest {
	if len(x) < 2 || len(y) < 2 || constant(x) && constant(y) {
		return noTTest
	}
	meanX, varianceX := stat.MeanVariance(x, nil)
	meanY, varianceY := stat.MeanVariance(y, nil)
	a, b := varianceX/float64(len(x)), varianceY/float64(len(y))
	return TTest{
		T:   (meanX - meanY) / math.Sqrt(a+b),
		DoF: (a + b) * (a + b) / (a*a/float64(len(x)-1) + b*b/float64(len(y)-1)),
	}
}

// differences returns x-y. Those that are equal up to rounding, all of them, become exactly so.
func differences(x, y []float64) []float64 {
	if len(x) != len(y) {
		panic("stats: pairs of samples of different length")
	}
	d := make([]float64, len(x))
	low, high, size := math.Inf(1), math.Inf(-1), 0.0
	for i := range x {
		d[i] = x[i] - y[i]
		low, high = min(low, d[i]), max(high, d[i])
		size = max(size, math.Abs(x[i]), math.Abs(y[i]))
	}
	if high-low <= rounding*size {
		for i := range d {
			d[i] = d[0]
		}
	}
	return d
}

// exactPairs is the number of pairs up to which the distribution of the signed ranks is counted out.
const exactPairs = 25

// SignedRank is the result of Wilcoxon's test.
type SignedRank struct {
	N int     // pairs that differ
	W float64 // rank sum of the positive differences
	P float64 // two-sided; NaN if no pair differs
}

// Wilcoxon is the signed-rank test of the pairs of x and y (Wilcoxon, Individual Comparisons by Ranking Methods,
// Biometrics 1945). Pairs that do not differ are left out, as Wilcoxon does; equal differences share their mean rank.
// Up to 25 pairs the p-value is exact, with ties too: all 2^n signs of the ranks at hand are counted. Beyond that it is
// the normal approximation with the variance corrected for ties and no correction for continuity. SciPy gives the same,
// except for up to 25 pairs with ties or zeros, where its default is the approximation. It panics if the lengths
// differ.
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

// exactP counts the sign patterns by their sum. Mean ranks are multiples of a half, so twice the ranks are whole
// numbers.
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

// Holm returns the adjusted p-values of a family: in ascending order the i-th of n, from 0, is multiplied by n-i, and
// none is smaller than the one before it (Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian
// Journal of Statistics 1979). A p-value that is NaN was not tested: it stays NaN and does not count.
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
