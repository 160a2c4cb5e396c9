// Package kernel is the smoothing of label densities, apart from package methods so that reports can have it without
// GoMLX.
package kernel

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// The kinds of kernels of distribution smoothing.
const (
	Gaussian  = "gaussian"
	Triangle  = "triang"
	Laplacian = "laplace"
)

// Kernel is a symmetric smoothing window over neighbouring bins. Sigma is in bins and not used by Triangle.
type Kernel struct {
	Kind  string  `yaml:"kind" json:"kind"`
	Size  int     `yaml:"size" json:"size"` // odd number of taps ("ks")
	Sigma float64 `yaml:"sigma" json:"sigma"`
}

// Default is the one of every published recipe: gaussian, 5 taps, sigma 2.
func Default() Kernel { return Kernel{Kind: Gaussian, Size: 5, Sigma: 2} }

// widest bounds a kernel, in bins: what is far wider than any label space is a slip that would take hours to compute.
const widest = 1001

// Validate reports the first thing wrong with the kernel.
func (k Kernel) Validate() error {
	switch {
	case k.Kind != Gaussian && k.Kind != Triangle && k.Kind != Laplacian:
		return fmt.Errorf("kernel %q: expected gaussian, triang or laplace", k.Kind)
	case k.Size < 1 || k.Size%2 == 0:
		return fmt.Errorf("kernel size %d: expected an odd number of taps", k.Size)
	case k.Size > widest:
		return fmt.Errorf("kernel size %d: expected at most %d taps", k.Size, widest)
	case k.Kind != Triangle && !(k.Sigma > 0):
		return fmt.Errorf("kernel sigma %g: expected a positive number", k.Sigma)
	case k.Kind != Triangle && k.Sigma > widest:
		return fmt.Errorf("kernel sigma %g: expected at most %d bins", k.Sigma, widest)
	}
	return nil
}

// LDSWindow returns the window of label distribution smoothing, length Size, peak 1.
func (k Kernel) LDSWindow() []float64 {
	w := k.window()
	floats.Scale(1/w[k.Size/2], w)
	return w
}

// FDSWindow returns the window of feature distribution smoothing, length Size, sum 1.
func (k Kernel) FDSWindow() []float64 {
	w := k.window()
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	floats.Scale(1/sum, w)
	return w
}

func (k Kernel) window() []float64 {
	half := k.Size / 2
	w := make([]float64, k.Size)
	if k.Kind == Gaussian {
		return k.foldedGaussian(w)
	}
	for i := range w {
		distance := math.Abs(float64(i - half))
		if k.Kind == Triangle {
			w[i] = 2 * (float64(half+1) - distance) / float64(k.Size+1)
		} else {
			w[i] = math.Exp(-distance / k.Sigma)
		}
	}
	return w
}

// foldedGaussian is what the released code calls a Gaussian window: SciPy's gaussian_filter1d of a unit impulse as long
// as the window, with boundary "reflect" (d c b a | a b c d | d c b a) and a filter cut at 4 sigma, so that the tails
// fold back into the window.
func (k Kernel) foldedGaussian(w []float64) []float64 {
	n, half := k.Size, k.Size/2
	radius := int(4*k.Sigma + 0.5)
	for i := range w {
		for d := -radius; d <= radius; d++ {
			if reflect(i+d, n) == half {
				w[i] += math.Exp(-0.5 * float64(d) * float64(d) / (k.Sigma * k.Sigma))
			}
		}
	}
	return w
}
