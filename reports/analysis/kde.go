package analysis

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// DensityKernel is the kernel of a density estimate.
type DensityKernel string

// The kernels. The bandwidth is the standard deviation of the gaussian one and half the width of the others, as in
// scikit-learn, which calls the uniform one tophat.
const (
	GaussianKernel     DensityKernel = "gaussian"
	EpanechnikovKernel DensityKernel = "epanechnikov"
	UniformKernel      DensityKernel = "uniform"
)

// kernelShape is a kernel of bandwidth 1.
type kernelShape struct {
	at      func(u float64) float64 // density at u, |u| < support
	support float64
	spread  float64 // standard deviation
}

var kernelShapes = map[DensityKernel]kernelShape{
	GaussianKernel:     {func(u float64) float64 { return math.Exp(-u*u/2) / math.Sqrt(2*math.Pi) }, 9, 1},
	EpanechnikovKernel: {func(u float64) float64 { return 0.75 * (1 - u*u) }, 1, 1 / math.Sqrt(5)},
	UniformKernel:      {func(float64) float64 { return 0.5 }, 1, 1 / math.Sqrt(3)},
}

// KDE is a kernel density estimate of labels: f(x) = 1/(n h) Σ K((x - label)/h).
type KDE struct {
	Kernel    DensityKernel
	Bandwidth float64 // h, in label units
	labels    []float64
	counts    []float64 // of each label
	n         float64
}

// NewKDE makes an estimate from labels, which must be finite. A bandwidth of 0 stands for [Silverman]'s; a kernel that
// is not gaussian gets the bandwidth at which its standard deviation is that.
func NewKDE(labels []float64, kernel DensityKernel, bandwidth float64) (KDE, error) {
	shape, ok := kernelShapes[kernel]
	switch {
	case !ok:
		return KDE{}, fmt.Errorf("kernel %q: expected gaussian, epanechnikov or uniform", kernel)
	case len(labels) == 0:
		return KDE{}, errors.New("no labels")
	case bandwidth < 0 || math.IsNaN(bandwidth) || math.IsInf(bandwidth, 0):
		return KDE{}, fmt.Errorf("bandwidth %v: expected a positive number", bandwidth)
	}
	k := KDE{Kernel: kernel, Bandwidth: bandwidth, n: float64(len(labels))}
	sorted := slices.Sorted(slices.Values(labels))
	if bandwidth == 0 {
		if k.Bandwidth = Silverman(sorted) / shape.spread; k.Bandwidth == 0 {
			return KDE{}, errors.New("all labels are the same: expected a bandwidth")
		}
	}
	for i, label := range sorted {
		if i == 0 || label != sorted[i-1] {
			k.labels, k.counts = append(k.labels, label), append(k.counts, 0)
		}
		k.counts[len(k.counts)-1]++
	}
	return k, nil
}

// At returns the density at x, per label unit.
func (k KDE) At(x float64) float64 {
	shape := kernelShapes[k.Kernel]
	reach := shape.support * k.Bandwidth
	first, _ := slices.BinarySearch(k.labels, x-reach)
	sum := 0.0
	for i := first; i < len(k.labels) && k.labels[i] <= x+reach; i++ {
		if u := (x - k.labels[i]) / k.Bandwidth; math.Abs(u) < shape.support {
			sum += k.counts[i] * shape.at(u)
		}
	}
	return sum / (k.n * k.Bandwidth)
}

// Point is a density at a label.
type Point struct {
	Label   float64 `json:"label"`
	Density float64 `json:"density"` // per label unit
}

// Points returns the density at equal steps over the labels and, at both ends, what the kernel adds: three bandwidths
// of the gaussian one, else one. There must be at least two points.
func (k KDE) Points(n int) []Point {
	margin := min(kernelShapes[k.Kernel].support, 3) * k.Bandwidth
	low, high := k.labels[0]-margin, k.labels[len(k.labels)-1]+margin
	points := make([]Point, n)
	for i := range points {
		x := low + (high-low)*float64(i)/float64(n-1)
		points[i] = Point{x, k.At(x)}
	}
	return points
}

// Silverman returns the rule of thumb of Silverman 1986 (equation 3.31) for a gaussian kernel, 0.9 min(s, IQR/1.34)
// n^(-1/5), with s the standard deviation (ddof 1) and the quartiles interpolated linearly between labels, as R's
// bw.nrd0 does. Where the quartiles are the same it takes s alone. Labels are sorted; of a single or all the same it is
// 0.
func Silverman(sorted []float64) float64 {
	if len(sorted) < 2 || sorted[0] == sorted[len(sorted)-1] {
		return 0
	}
	spread := stat.StdDev(sorted, nil)
	if iqr := quantile(sorted, 0.75) - quantile(sorted, 0.25); iqr > 0 {
		spread = min(spread, iqr/1.34)
	}
	return 0.9 * spread * math.Pow(float64(len(sorted)), -0.2)
}

// quantile interpolates linearly between labels, as R's type 7 and NumPy do.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(at)
	if below+1 >= len(sorted) {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}
