package methods

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/methods/kernel"
)

// Reweight says how the density of a bin becomes the base of its weight.
type Reweight string

// The re-weighting rules: none, inverse (INV) and square-root inverse (SQINV) of the number of training samples.
const (
	ReweightNone    Reweight = "none"
	ReweightInv     Reweight = "inv"
	ReweightSqrtInv Reweight = "sqinv"
)

func init() {
	Register(Method{Name: "sqinv", Reweight: ReweightSqrtInv, Summary: "square-root inverse re-weighting"})
	Register(Method{Name: "inv", Reweight: ReweightInv, Summary: "inverse re-weighting"})
	Register(Method{Name: "lds", Reweight: ReweightDefault, SmoothsLabels: true, Paper: yang2021,
		Summary: "label distribution smoothing: re-weighting by a smoothed density"})
}

// Weighting computes the loss weight of each bin from the training counts: w = s/q, where q is the density of the bin,
// smoothed by LDS when set, and s makes the mean weight over the training set 1.
type Weighting struct {
	Reweight Reweight
	LDS      *Kernel // nil: no label distribution smoothing; without a rule it smooths Density only
	Padding  Padding
	// ClipLow and ClipHigh bound the counts of ReweightInv; 0, 0 leaves them. The age benchmarks use 5 and 1000.
	ClipLow, ClipHigh int
	// FirstBin is the first bin in use; those below take its density (NYUD2: 7).
	FirstBin int
	// Truncate cuts smoothed inverse counts to whole numbers, as the released code does: it convolves an integer array.
	Truncate bool
}

// BinWeights returns the weight of each bin, given its training samples, with a mean of 1 over all samples. A bin
// without density, which no training sample is in, has weight 0. An unknown rule, an invalid kernel, and counts without
// a sample are errors.
func (w Weighting) BinWeights(counts []int) ([]float64, error) {
	if err := w.validate(counts); err != nil {
		return nil, err
	}
	weights := make([]float64, len(counts))
	if w.Reweight == ReweightNone {
		for i := range weights {
			weights[i] = 1
		}
		return weights, nil
	}
	density := w.density(counts)
	total, scale := 0.0, 0.0
	for i, q := range density {
		if q <= 0 {
			continue
		}
		weights[i] = float64(float32(1 / q)) // the original's precision
		total += float64(counts[i])
		scale += float64(counts[i]) * weights[i]
	}
	return scaled(weights, total/scale), nil
}

// Density returns the number of training samples of each bin as it is before a rule: smoothed by LDS when set, with
// that of FirstBin for the bins below.
func (w Weighting) Density(counts []int) ([]float64, error) {
	w = Weighting{Reweight: ReweightInv, LDS: w.LDS, Padding: w.Padding, FirstBin: w.FirstBin}
	if err := w.validate(counts); err != nil {
		return nil, err
	}
	return w.density(counts), nil
}

func (w Weighting) validate(counts []int) error {
	if w.Reweight != ReweightNone && w.Reweight != ReweightInv && w.Reweight != ReweightSqrtInv {
		return fmt.Errorf("re-weighting %q: expected none, inv or sqinv", w.Reweight)
	}
	if w.LDS != nil {
		if err := w.LDS.Validate(); err != nil {
			return err
		}
	}
	if w.FirstBin < 0 || w.FirstBin >= len(counts) {
		return fmt.Errorf("first bin %d: expected 0 to %d", w.FirstBin, len(counts)-1)
	}
	for _, n := range counts[w.FirstBin:] {
		if n > 0 {
			return nil
		}
	}
	return fmt.Errorf("no training sample in any of %d bins", len(counts))
}

// density returns q: the base of each bin, smoothed over FirstBin and later bins.
func (w Weighting) density(counts []int) []float64 {
	q := make([]float64, len(counts))
	for i, n := range counts {
		q[i] = w.base(n)
	}
	used := q[w.FirstBin:]
	if w.LDS != nil {
		copy(used, w.smooth(used))
	}
	for i := range q[:w.FirstBin] {
		q[i] = used[0]
	}
	return q
}

func (w Weighting) base(count int) float64 {
	if w.Reweight == ReweightSqrtInv {
		return math.Sqrt(float64(count))
	}
	if w.ClipHigh > 0 {
		count = min(max(count, w.ClipLow), w.ClipHigh)
	}
	return float64(count)
}

// smooth convolves q with the LDS window; the result has the same length.
func (w Weighting) smooth(q []float64) []float64 {
	out := w.LDS.Smooth(q, w.Padding)
	if w.Truncate && w.Reweight == ReweightInv {
		for i, v := range out {
			out[i] = math.Trunc(v)
		}
	}
	return out
}

// widened returns labels as float64.
func widened(labels []float32) []float64 {
	wide := make([]float64, len(labels))
	for i, y := range labels {
		wide[i] = float64(y)
	}
	return wide
}

func scaled(w []float64, factor float64) []float64 {
	for i := range w {
		w[i] *= factor
	}
	return w
}

// Kernel is a symmetric smoothing window over neighbouring bins.
type Kernel = kernel.Kernel

// The kinds of kernels of distribution smoothing.
const (
	Gaussian  = kernel.Gaussian
	Triangle  = kernel.Triangle
	Laplacian = kernel.Laplacian
)

// DefaultKernel is the one of every published recipe: gaussian, 5 taps, sigma 2.
func DefaultKernel() Kernel { return kernel.Default() }

// Padding says what label distribution smoothing assumes beyond the first and last bin.
type Padding = kernel.Padding

// The paddings: no samples beyond the ends (age and STS-B), or the counts mirrored there (NYUD2).
const (
	ZeroPadding    = kernel.ZeroPadding
	ReflectPadding = kernel.ReflectPadding
)
