package methods

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

func init() {
	Register(Method{Name: "dense-weight", Weights: denseWeights,
		Summary: "DenseWeight: the loss weighted by one minus the scaled kernel density of the label",
		Paper: "Steininger, Kobs, Davidson, Krause, Hotho, Density-based weighting for imbalanced regression, " +
			"Machine Learning 2021",
		Settings: func(Traits) any { return &DenseWeightSettings{Alpha: 1, Eps: 1e-6} }})
}

// DenseWeightSettings are the settings of the method dense-weight; see DenseWeight.
type DenseWeightSettings struct {
	Alpha     float64 `yaml:"alpha" json:"alpha"`
	Eps       float64 `yaml:"eps" json:"eps"`
	Bandwidth float64 `yaml:"bandwidth" json:"bandwidth"` // in label units; 0: Silverman's
}

// Validate reports the first thing wrong with the settings.
func (s DenseWeightSettings) Validate() error {
	if s.Alpha < 0 || !(s.Eps > 0) || s.Bandwidth < 0 {
		return fmt.Errorf("alpha %g, eps %g, bandwidth %g: expected alpha and bandwidth 0 or more, eps more than 0",
			s.Alpha, s.Eps, s.Bandwidth)
	}
	return nil
}

func denseWeights(labels []float32, settings any) ([]float64, error) {
	own := settings.(*DenseWeightSettings)
	rule := DefaultDenseWeight()
	rule.Alpha, rule.Eps, rule.Bandwidth = own.Alpha, own.Eps, own.Bandwidth
	wide := widened(labels)
	fitted, err := rule.Fit(wide)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(labels))
	for i, label := range wide {
		weights[i] = fitted.Weight(label)
	}
	return weights, nil
}

// DenseWeight is the sample weighting of Steininger, Kobs, Davidson, Krause, Hotho: Density-based weighting for
// imbalanced regression (Machine Learning 2021): w(y) = max(1 - Alpha p'(y), Eps) over its mean on the training
// labels, where p' is the kernel density of the training labels, scaled to 0..1. Published: Alpha 1, Eps 1e-6, 4096
// grid points.
type DenseWeight struct {
	Alpha, Eps float64
	// Bandwidth is the standard deviation of the Gaussian kernel in the unit of the labels; 0 takes Silverman's
	// 1.06 sigma n^(-1/5).
	Bandwidth float64
	// GridPoints is the number of equidistant points where the density is computed.
	GridPoints int
	// Support is where the kernel is cut, in the unit of the labels; 0 takes the point where it has fallen to 1e-4. The
	// published code finds that point to 1e-3 only.
	Support float64
}

// DefaultDenseWeight returns the published settings.
func DefaultDenseWeight() DenseWeight { return DenseWeight{Alpha: 1, Eps: 1e-6, GridPoints: 4096} }

// DensityWeights are fitted weights: the scaled density on a grid and the mean of the raw weights over the training
// labels.
type DensityWeights struct {
	Grid, Density []float64 // ascending labels; kernel density there, scaled to 0..1
	MeanRaw       float64
	settings      DenseWeight
}

// kernelLevel is where the published code cuts the kernel, an absolute density, and supportMargin what it adds to that
// distance.
const (
	kernelLevel   = 1e-4
	supportMargin = 1e-3
)

// Fit computes the density of the training labels. It refuses labels without spread unless Bandwidth is set, and a
// kernel so wide that it is below 1e-4 everywhere (a bandwidth of about 3989).
func (d DenseWeight) Fit(labels []float64) (*DensityWeights, error) {
	if err := d.validate(labels); err != nil {
		return nil, err
	}
	if d.Bandwidth == 0 {
		_, variance := stat.PopMeanVariance(labels, nil)
		d.Bandwidth = 1.06 * math.Sqrt(variance) * math.Pow(float64(len(labels)), -0.2)
	}
	if !(d.Bandwidth > 0) {
		return nil, fmt.Errorf("dense weight: all %d labels are equal: set a bandwidth", len(labels))
	}
	if d.Support == 0 {
		fall := -2 * math.Log(kernelLevel*d.Bandwidth*math.Sqrt(2*math.Pi))
		if !(fall > 0) {
			return nil, fmt.Errorf("dense weight: bandwidth %g: expected less than %.0f; scale the labels down",
				d.Bandwidth, 1/(kernelLevel*math.Sqrt(2*math.Pi)))
		}
		d.Support = d.Bandwidth*math.Sqrt(fall) + supportMargin
	}
	w := &DensityWeights{settings: d, MeanRaw: 1}
	w.estimate(labels)
	sum := 0.0
	for _, y := range labels {
		sum += w.Weight(y)
	}
	w.MeanRaw = sum / float64(len(labels))
	return w, nil
}

func (d DenseWeight) validate(labels []float64) error {
	switch {
	case len(labels) == 0:
		return fmt.Errorf("dense weight: no training labels")
	case slices.ContainsFunc(labels, func(y float64) bool { return math.IsNaN(y) || math.IsInf(y, 0) }):
		return fmt.Errorf("dense weight: a training label is not a finite number")
	case !(d.Alpha >= 0) || !(d.Eps > 0):
		return fmt.Errorf("dense weight: alpha %g, eps %g: expected alpha of at least 0 and positive eps", d.Alpha, d.Eps)
	case d.GridPoints < 2:
		return fmt.Errorf("dense weight: %d grid points: expected at least 2", d.GridPoints)
	case d.Bandwidth < 0 || d.Support < 0:
		return fmt.Errorf("dense weight: bandwidth %g, support %g: expected positive numbers", d.Bandwidth, d.Support)
	}
	return nil
}

// estimate computes the density: the labels, spread linearly over their two neighbours on the grid, convolved with the
// cut kernel.
func (w *DensityWeights) estimate(labels []float64) {
	d := w.settings
	low, high := floats.Min(labels), floats.Max(labels)
	margin := math.Max(0.05*(high-low), d.Support)
	w.Grid = floats.Span(make([]float64, d.GridPoints), low-margin, high+margin)
	step := (w.Grid[d.GridPoints-1] - w.Grid[0]) / float64(d.GridPoints-1)
	mass := make([]float64, d.GridPoints)
	for _, y := range labels {
		at, share := math.Modf((y - w.Grid[0]) / step)
		i := int(at)
		mass[i] += (1 - share) / float64(len(labels))
		mass[min(i+1, d.GridPoints-1)] += share / float64(len(labels))
	}
	w.Density = make([]float64, d.GridPoints)
	reach := min(int(d.Support/step), d.GridPoints)
	for i, m := range mass {
		if m == 0 {
			continue
		}
		for j := max(0, i-reach); j <= min(d.GridPoints-1, i+reach); j++ {
			u := float64(j-i) * step / d.Bandwidth
			w.Density[j] += m * math.Exp(-0.5*u*u) / (d.Bandwidth * math.Sqrt(2*math.Pi))
		}
	}
	floats.AddConst(-floats.Min(w.Density), w.Density)
	floats.Scale(1/floats.Max(w.Density), w.Density)
}

// Weight returns the weight of a label. As in the published code it takes the density of the grid point at or below
// the label, and that of the last point on both sides beyond the grid.
func (w *DensityWeights) Weight(label float64) float64 {
	last := len(w.Grid) - 1
	i := last
	if label >= w.Grid[0] && label < w.Grid[last] {
		i = sort.Search(len(w.Grid), func(i int) bool { return w.Grid[i] > label }) - 1
	}
	return math.Max(1-w.settings.Alpha*w.Density[i], w.settings.Eps) / w.MeanRaw
}
