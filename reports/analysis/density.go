package analysis

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
)

// DensityOptions choose what NewDensity relates.
type DensityOptions struct {
	Metric metrics.Metric // one of metrics.ByBin; empty: the first of them among the benchmark's metrics, or MAE
	Kernel *kernel.Kernel // of the effective density; nil: that of the method's own runs, see [SmoothingOf]
}

// Density relates the errors of a method by bin to the density of the training labels, after section 3.1 and figures 2 and 3 of
// Yang et al. 2021: where labels are continuous, the raw density says little about the errors, the smoothed one more.
type Density struct {
	Title     string              `json:"title"`
	Benchmark string              `json:"benchmark"`
	Method    string              `json:"method"`
	Config    string              `json:"config"`
	Seeds     []int64             `json:"seeds"`
	Split     datasets.Split      `json:"split"`
	Metric    metrics.Metric      `json:"metric"`
	Space     datasets.LabelSpace `json:"label_space"`
	Smoothing
	// Empirical and Effective are the correlations of the two densities with the error.
	Empirical Correlation  `json:"empirical"`
	Effective Correlation  `json:"effective"`
	Bins      []DensityBin `json:"bins"` // means over the seeds
}

// DensityBin is a bin with its effective density, in the units of counts.
type DensityBin struct {
	Bin
	Effective float64 `json:"effective"`
}

// Correlation is Pearson's r between density and error over the bins with samples.
type Correlation struct {
	OfMean metrics.Value   `json:"of_mean"` // with the error averaged over seeds
	Seeds  []metrics.Value `json:"seeds"`   // with the error of each seed
}

// NewDensity relates the bins of a method. The error is that of [SmoothingOf].
func NewDensity(m Method, split datasets.Split, opts DensityOptions) (Density, error) {
	manifest := m.Manifest()
	smoothing, err := SmoothingOf(m.Runs[0])
	if err != nil {
		return Density{}, err
	}
	if opts.Kernel != nil {
		smoothing.Kernel = *opts.Kernel
	}
	d := Density{
		Title: reports.Title(manifest), Benchmark: manifest.Benchmark, Method: m.Label, Config: m.Config, Seeds: m.Seeds(),
		Split: split, Metric: opts.Metric, Space: manifest.Dataset.LabelSpace, Smoothing: smoothing,
	}
	if d.Metric == "" {
		d.Metric = firstMetric(manifest.Metrics)
	}
	mean, effective := Mean(m.Bins), smoothing.Effective(manifest.Dataset.TrainCounts)
	d.Empirical = correlation(mean, m.Bins, d.Metric, Empirical(manifest.Dataset.TrainCounts))
	d.Effective = correlation(mean, m.Bins, d.Metric, effective)
	for i, b := range mean {
		d.Bins = append(d.Bins, DensityBin{b, effective[i]})
	}
	return d, nil
}

func firstMetric(list []metrics.Metric) metrics.Metric {
	for _, m := range list {
		if slices.Contains(metrics.ByBin, m) {
			return m
		}
	}
	return metrics.MAE
}

func correlation(mean []Bin, seeds [][]Bin, m metrics.Metric, density []float64) Correlation {
	c := Correlation{OfMean: Correlate(mean, m, density)}
	for _, bins := range seeds {
		c.Seeds = append(c.Seeds, Correlate(bins, m, density))
	}
	return c
}

// Used is the number of bins that the correlations are over, and the number of their samples.
func (d Density) Used() (bins, samples int) {
	for _, b := range d.Bins {
		if b.N > 0 && b.Error(d.Metric).Defined() {
			bins++
			samples += b.N
		}
	}
	return bins, samples
}

// Describe returns "gaussian, ks 5, sigma 2".
func (s Smoothing) Describe() string {
	text := fmt.Sprintf("%s, ks %d", s.Kernel.Kind, s.Kernel.Size)
	if s.Kernel.Kind != kernel.Triangle {
		text += ", sigma " + number(s.Kernel.Sigma)
	}
	return text
}
