package metrics

import (
	"math"

	"github.com/dirbench/dirbench/methods/relevance"
)

// SeraStep is the distance of the relevance thresholds over which SERA is integrated, as in the authors' code.
const SeraStep = 0.001

// AreaOfSER returns SERA, the squared error-relevance area of Ribeiro and Moniz (Imbalanced Regression and Extreme
// Value Prediction, Machine Learning 109, 2020), of samples with a relevance and a squared error each: the integral
// over t from 0 to 1 of [SER], by trapezoids. It is a sum, not a mean, so that All is the sum of the regions.
func AreaOfSER(phi, squared []float64) float64 {
	var sum float64
	for i, p := range phi {
		sum += squared[i] * seraWeight(p)
	}
	return sum
}

// seraWeight is the area under the step from 1 to 0 at a relevance, by trapezoids between the thresholds.
func seraWeight(phi float64) float64 {
	last := int(math.Round(1 / SeraStep))
	reached := min(int(math.Floor(phi/SeraStep)), last) // the last threshold at or below phi, but for rounding
	for reached < last && float64(reached+1)*SeraStep <= phi {
		reached++
	}
	for reached >= 0 && float64(reached)*SeraStep > phi {
		reached--
	}
	switch {
	case reached < 0:
		return 0
	case reached == last:
		return 1
	}
	return SeraStep * (float64(reached) + 0.5)
}

// SER returns, for each threshold, the sum of the squared errors of the samples whose relevance phi is at least that
// (Ribeiro and Moniz 2020), in squared label units.
func SER(phi, squared, thresholds []float64) []float64 {
	sums := make([]float64, len(thresholds))
	for i, p := range phi {
		for k, t := range thresholds {
			if p >= t {
				sums[k] += squared[i]
			}
		}
	}
	return sums
}

// Relevances returns the relevance of each label and its squared error.
func Relevances(labels, preds []float32, f relevance.Function) (phi, squared []float64) {
	phi, squared = make([]float64, len(labels)), make([]float64, len(labels))
	for i, label := range labels {
		phi[i], squared[i] = f.At(float64(label)), square(float64(preds[i])-float64(label))
	}
	return phi, squared
}

func (g group) sera() float64 {
	if len(g.labels) == 0 {
		return math.NaN()
	}
	return AreaOfSER(Relevances(g.labels, g.preds, *g.opts.Relevance))
}
