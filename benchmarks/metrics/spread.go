package metrics

import (
	"cmp"
	"math"
	"slices"
)

// Law is the form of the distribution that a method predicts for a label. Its mean is the prediction.
type Law string

// The laws; the empty law is Gaussian.
const (
	Gaussian Law = "gaussian"
	Laplace  Law = "laplace"
)

// likelihood is the negative logarithm of the density at the label: of a Gaussian with standard deviation σ the sum of
// ln(2πσ²)/2 and e²/(2σ²), of a Laplace distribution with scale b = σ/√2 that of ln(2b) and |e|/b. A σ of 0 makes it
// undefined.
func likelihood(p point, o Options) float64 {
	e := p.absolute()
	if o.Law == Laplace {
		b := p.spread / math.Sqrt2
		return math.Log(2*b) + e/b
	}
	return 0.5*math.Log(2*math.Pi*square(p.spread)) + 0.5*square(e/p.spread)
}

// covered is 1 where the label lies in the central interval that holds so much of the predicted distribution.
func covered(share float64) func(point, Options) float64 {
	gaussian := math.Sqrt2 * math.Erfinv(share) // the half width in standard deviations
	laplace := -math.Log(1-share) / math.Sqrt2  // 1 - exp(-x/b) = share, b = σ/√2
	return func(p point, o Options) float64 {
		width := gaussian
		if o.Law == Laplace {
			width = laplace
		}
		if p.absolute() <= width*p.spread {
			return 1
		}
		return 0
	}
}

// ause is the area under the sparsification error of Ilg et al. (Uncertainty Estimates and Multi-Hypotheses Networks
// for Optical Flow, ECCV 2018), as Wang and Wang report it for imbalanced regression (VIR, NeurIPS 2023): samples are
// taken away one by one, those of the largest spread first, and MAE of the others is drawn over the share taken away;
// the same is done by the error itself. The result is the area between the two curves, by trapezoids and divided by MAE
// of all samples, with which both curves begin. It is 0 if spreads have the order of errors. Samples of equal spread
// count as in random order. It is undefined with fewer than two samples, and without any error.
func (g group) ause() float64 {
	n := len(g.labels)
	errors, order := make([]float64, n), make([]int, n)
	for i := range errors {
		errors[i], order[i] = g.point(i).absolute(), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(g.opts.Spreads[b], g.opts.Spreads[a]) })
	bySpread := sparsification(errors, order, func(a, b int) bool { return g.opts.Spreads[a] == g.opts.Spreads[b] })
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(errors[b], errors[a]) })
	best := sparsification(errors, order, func(int, int) bool { return false })
	if n < 2 || best[0] == 0 {
		return math.NaN()
	}
	area := 0.0
	for k := 1; k < n; k++ {
		area += (bySpread[k-1] - best[k-1] + bySpread[k] - best[k]) / 2
	}
	return area / float64(n) / best[0]
}

// sparsification returns the mean error of what is left when 0 to n-1 samples are taken away in an order, in which some
// that follow each other are equal.
func sparsification(errors []float64, order []int, equal func(a, b int) bool) []float64 {
	curve := make([]float64, len(order))
	left := 0.0 // the sum of the errors from the end on
	for end := len(order); end > 0; {
		begin, sum := end, 0.0
		for begin > 0 && (begin == end || equal(order[begin-1], order[end-1])) {
			begin--
			sum += errors[order[begin]]
		}
		for k := end - 1; k >= begin; k-- {
			left += sum / float64(end-begin)
			curve[k] = left / float64(len(order)-k)
		}
		end = begin
	}
	return curve
}
