package methods

import (
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Balanced MSE (Ren, Zhang, Yu, Liu: Balanced MSE for Imbalanced Visual Regression, CVPR 2022) is the negative
// log-likelihood of a Gaussian whose prediction is that of a balanced training set, given the density of labels in the
// imbalanced one. Its noise sigma is a scalar in the unit of the labels, learned or fixed. All forms return the loss
// of each sample [n] in squared units, times 2 sigma² with no gradient through that factor.

// BMC is Balanced MSE by batch Monte Carlo: the labels of the batch stand for the training density. With
// L_ij = -(p_i - y_j)² / (2 sigma²), the loss of sample i is the cross-entropy of softmax(L_i) against class i.
// Prediction p and target y are [n].
func BMC(prediction, target, sigma *Node) *Node {
	halfPrecision := Div(ConstAs(sigma, -0.5), Square(sigma))
	rows, _ := pairs(prediction)
	_, columns := pairs(target)
	logits := Mul(Square(Sub(rows, columns)), halfPrecision)
	own := Mul(Square(Sub(prediction, target)), halfPrecision)
	return scaledByNoise(Sub(logSumExp(logits), own), sigma)
}

// GAI is Balanced MSE in closed form for a training density that is a Gaussian mixture with weights a_k, means m_k,
// variances v_k: (p-y)²/(2 sigma²) + ln(sigma²)/2 + ln of the sum over k of a_k (v_k + sigma²)^(-1/2) exp(-(p-m_k)² /
// (2 (v_k + sigma²))). Prediction p and target y are [n].
func GAI(prediction, target, sigma *Node, density Mixture) *Node {
	weights, means := constants(prediction, density.Weights), constants(prediction, density.Means)
	variances := Add(constants(prediction, density.Variances), Square(sigma)) // [K]
	rows, _ := pairs(prediction)
	quadratic := Div(Square(Sub(rows, InsertAxes(means, 0))), InsertAxes(variances, 0))
	terms := Sub(InsertAxes(Sub(Log(weights), MulScalar(Log(variances), 0.5)), 0), MulScalar(quadratic, 0.5))
	return scaledByNoise(Add(gaussian(prediction, target, sigma), logSumExp(terms)), sigma)
}

// BNI is Balanced MSE by numerical integration over bins with centres c_b and densities q_b:
// (p-y)²/(2 sigma²) + ln of the sum over b of q_b exp(-(p-c_b)² / (2 sigma²)). Prediction p and target y are [n].
func BNI(prediction, target, sigma *Node, density LabelDensity) *Node {
	rows, _ := pairs(prediction)
	quadratic := Div(Square(Sub(rows, InsertAxes(constants(prediction, density.Centers), 0))), Square(sigma))
	terms := Sub(InsertAxes(Log(constants(prediction, density.Density)), 0), MulScalar(quadratic, 0.5))
	own := MulScalar(Div(Square(Sub(prediction, target)), Square(sigma)), 0.5)
	return scaledByNoise(Add(own, logSumExp(terms)), sigma)
}

// gaussian is the negative log-likelihood of each target, less ln(2 pi)/2.
func gaussian(prediction, target, sigma *Node) *Node {
	return Add(MulScalar(Div(Square(Sub(prediction, target)), Square(sigma)), 0.5), Log(sigma))
}

func scaledByNoise(loss, sigma *Node) *Node {
	return Mul(loss, StopGradient(MulScalar(Square(sigma), 2)))
}

// LabelDensity is a density over bins that have samples: their centres, in the unit of the labels, and densities of
// sum 1.
type LabelDensity struct {
	Centers, Density []float64
}

// NewLabelDensity normalises the counts of bins, smoothed by LDS when lds is set, and drops bins without density.
// Lengths that differ, an invalid kernel, and counts that are all 0 are errors.
func NewLabelDensity(centers, counts []float64, lds *Kernel) (LabelDensity, error) {
	if len(centers) != len(counts) {
		return LabelDensity{}, fmt.Errorf("label density: %d bin centres for %d counts", len(centers), len(counts))
	}
	if lds != nil {
		if err := lds.Validate(); err != nil {
			return LabelDensity{}, err
		}
		counts = lds.Smooth(counts, ZeroPadding)
	}
	var d LabelDensity
	for i, n := range counts {
		if n > 0 {
			d.Centers, d.Density = append(d.Centers, centers[i]), append(d.Density, n)
		}
	}
	if len(d.Density) == 0 {
		return LabelDensity{}, fmt.Errorf("label density: no training sample in any of %d bins", len(counts))
	}
	floats.Scale(1/floats.Sum(d.Density), d.Density)
	return d, nil
}

// Mixture is a mixture of Gaussians over labels: weights of sum 1, means in the unit of the labels, variances in its
// square.
type Mixture struct {
	Weights, Means, Variances []float64
}

// Settings of the fit, those of scikit-learn's GaussianMixture, which the authors use.
const (
	mixtureSteps     = 100  // at most
	mixtureTolerance = 1e-3 // the fit ends when the mean log-likelihood changes by less
	mixtureFloor     = 1e-6 // added to every variance
)

// FitMixture fits a Gaussian mixture to labels by expectation maximisation. Counts say how many samples a label stands
// for; nil is one each. The fit is deterministic: of K components, component k starts with weight 1/K, the quantile
// (k+1/2)/K of the labels as mean and 1/K² of their variance. Scikit-learn starts from k-means, so its fit can be
// another local optimum.
func FitMixture(labels, counts []float64, components int) (Mixture, error) {
	values, weights, err := distinct(labels, counts)
	switch {
	case err != nil:
		return Mixture{}, err
	case components < 1:
		return Mixture{}, fmt.Errorf("mixture of %d components: expected at least 1", components)
	case len(values) < components:
		return Mixture{}, fmt.Errorf("mixture of %d components: the labels have %d distinct values only",
			components, len(values))
	}
	floats.Scale(1/floats.Sum(weights), weights)
	m := startMixture(values, weights, components)
	before := math.Inf(-1)
	for range mixtureSteps {
		shares, likelihood := m.shares(values, weights)
		m.maximise(values, shares)
		if math.Abs(likelihood-before) < mixtureTolerance {
			break
		}
		before = likelihood
	}
	return m, nil
}

// distinct returns the distinct labels in ascending order and how many samples each stands for.
func distinct(labels, counts []float64) (values, weights []float64, err error) {
	if counts != nil && len(counts) != len(labels) {
		return nil, nil, fmt.Errorf("mixture: %d counts for %d labels", len(counts), len(labels))
	}
	byLabel := map[float64]float64{}
	for i, y := range labels {
		n := 1.0
		if counts != nil {
			n = counts[i]
		}
		if math.IsNaN(y) || math.IsInf(y, 0) || !(n >= 0) || math.IsInf(n, 0) {
			return nil, nil, fmt.Errorf("mixture: label %g with count %g at position %d: expected finite numbers", y, n, i)
		}
		if n > 0 {
			byLabel[y] += n
		}
	}
	for y := range byLabel {
		values = append(values, y)
	}
	slices.Sort(values)
	for _, y := range values {
		weights = append(weights, byLabel[y])
	}
	return values, weights, nil
}

func startMixture(values, weights []float64, components int) Mixture {
	var m Mixture
	_, variance := stat.PopMeanVariance(values, weights)
	k := float64(components)
	for i := range components {
		m.Weights = append(m.Weights, 1/k)
		m.Means = append(m.Means, stat.Quantile((float64(i)+0.5)/k, stat.Empirical, values, weights))
		m.Variances = append(m.Variances, variance/(k*k)+mixtureFloor)
	}
	return m
}

// shares returns the weight of each value in each component, [components][values], and the mean log-likelihood.
func (m Mixture) shares(values, weights []float64) (shares [][]float64, likelihood float64) {
	shares = make([][]float64, len(m.Weights))
	for k := range shares {
		shares[k] = make([]float64, len(values))
	}
	logs := make([]float64, len(m.Weights))
	for i, y := range values {
		for k := range logs {
			d := y - m.Means[k]
			logs[k] = math.Log(m.Weights[k]) - 0.5*(math.Log(2*math.Pi*m.Variances[k])+d*d/m.Variances[k])
		}
		total := floats.LogSumExp(logs)
		likelihood += weights[i] * total
		for k := range logs {
			shares[k][i] = weights[i] * math.Exp(logs[k]-total)
		}
	}
	return shares, likelihood
}

// maximise sets the parameters to their best values given the shares. A component that has lost all samples keeps its
// place.
func (m Mixture) maximise(values []float64, shares [][]float64) {
	for k, share := range shares {
		m.Weights[k] = floats.Sum(share)
		if m.Weights[k] == 0 {
			m.Weights[k] = math.SmallestNonzeroFloat64
			continue
		}
		mean, variance := stat.PopMeanVariance(values, share)
		m.Means[k], m.Variances[k] = mean, variance+mixtureFloor
	}
}
