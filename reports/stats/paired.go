package stats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// rounding is the share of the values up to which differences count as equal: 6.3-5.8 and 5.5-5 are.
const rounding = 1e-12

// Paired is the mean difference of pairs with Student's interval and test.
type Paired struct {
	N          int
	Difference float64 // mean of x-y; NaN without pairs
	Interval           // of the difference
	P          float64 // two-sided, of Student's paired t test; NaN for fewer than two pairs or without variance
}

// PairedT compares x with y pair by pair (Student, Biometrika 1908): t = d·√n/s with n-1 degrees of freedom, d and s being mean and
// standard deviation of the differences. If all differences are the same up to rounding there is neither test nor interval. It
// panics if the lengths differ.
func PairedT(x, y []float64, level float64) Paired {
	d := differences(x, y)
	p := Paired{len(d), math.NaN(), undefined, math.NaN()}
	if len(d) == 0 {
		return p
	}
	p.Difference = stat.Mean(d, nil)
	if p.Interval = MeanT(d, level); math.IsNaN(p.Low) {
		return p
	}
	n := float64(len(d))
	t := p.Difference * math.Sqrt(n) / stat.StdDev(d, nil)
	p.P = 2 * student(n-1).CDF(-math.Abs(t)) // not 1-CDF, which has no digits left where p is tiny
	return p
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
