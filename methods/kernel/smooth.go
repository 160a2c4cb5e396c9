package kernel

import (
	"math"
	"slices"
)

// Padding says what smoothing assumes beyond the first and last bin.
type Padding string

const (
	// ZeroPadding assumes no samples there (age and STS-B).
	ZeroPadding Padding = "zero"
	// ReflectPadding mirrors the counts, the edge bin included (NYUD2).
	ReflectPadding Padding = "reflect"
)

// Smooth convolves the densities of bins with the LDS window of the kernel; the result has the same length. It adds the
// centre first and then the pairs of taps from the outside in, as SciPy does for a symmetric window, because the
// truncation of the released code shows the last bit. Any padding but ReflectPadding is ZeroPadding.
func (k Kernel) Smooth(q []float64, padding Padding) []float64 {
	window := k.LDSWindow()
	half := len(window) / 2
	at := func(i int) float64 {
		if padding == ReflectPadding {
			i = reflect(i, len(q))
		}
		if i < 0 || i >= len(q) {
			return 0
		}
		return q[i]
	}
	out := make([]float64, len(q))
	for i := range q {
		out[i] = q[i] * window[half]
		for d := half; d > 0; d-- {
			out[i] += (at(i-d) + at(i+d)) * window[half-d]
		}
	}
	return out
}

// reflect maps any index to 0..n-1 by mirroring about the edges, the edge element included.
func reflect(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}

// Density returns the kernel density of labels with a Gaussian of standard deviation bandwidth, in the unit of the
// labels.
func Density(labels []float64, bandwidth float64) func(float64) float64 {
	values, counts := slices.Clone(labels), map[float64]float64{}
	for _, y := range labels {
		counts[y]++
	}
	slices.Sort(values)
	values = slices.Compact(values)
	return func(x float64) float64 {
		sum := 0.0
		for _, y := range values {
			u := (x - y) / bandwidth
			sum += counts[y] * math.Exp(-0.5*u*u)
		}
		return sum / (float64(len(labels)) * bandwidth * math.Sqrt(2*math.Pi))
	}
}
