package methods

import "github.com/dirbench/dirbench/methods/kernel"

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
