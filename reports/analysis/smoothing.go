package analysis

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// Smoothing is how label distribution smoothing turns counts into an effective density.
type Smoothing struct {
	Kernel  kernel.Kernel  `json:"kernel"`
	Padding kernel.Padding `json:"padding"`
}

// SmoothingOf returns what the run's LDS used. A run without LDS gets what every published recipe has: gaussian, 5 taps, sigma
// 2, and no samples beyond the ends, or for dense labels (NYUD2) mirrored counts.
func SmoothingOf(run store.Run) (Smoothing, error) {
	var config struct {
		Recipe struct {
			LDS     kernel.Kernel  `json:"lds"`
			Padding kernel.Padding `json:"lds_padding"`
		} `json:"recipe"`
	}
	fail := func(err error) (Smoothing, error) {
		return Smoothing{}, fmt.Errorf("%s: config: %w", filepath.Join(run.Dir, store.ManifestFile), err)
	}
	if err := json.Unmarshal(run.Manifest.Config, &config); err != nil {
		return fail(err)
	}
	s := Smoothing{config.Recipe.LDS, config.Recipe.Padding}
	if s.Kernel.Kind == "" {
		s.Kernel = kernel.Default()
	}
	if s.Padding == "" {
		s.Padding = kernel.ZeroPadding
		if run.Manifest.Dataset.Dense() {
			s.Padding = kernel.ReflectPadding
		}
	}
	if err := s.Kernel.Validate(); err != nil {
		return fail(err)
	}
	return s, nil
}

// Effective returns the effective label density of each bin (Yang et al. 2021, equation 2): the training counts convolved with
// the kernel's window, whose peak is 1. It is in the units of counts; its scale does not matter to a correlation.
func (s Smoothing) Effective(counts []int) []float64 {
	return s.Kernel.Smooth(Empirical(counts), s.Padding)
}

// Empirical returns training counts as a density.
func Empirical(counts []int) []float64 {
	density := make([]float64, len(counts))
	for i, n := range counts {
		density[i] = float64(n)
	}
	return density
}

// Correlate returns Pearson's correlation of the error and the density over the bins that have samples, as in section 3.1 of Yang
// et al. 2021. It is undefined for fewer than two such bins, and where either is the same in all of them.
func Correlate(bins []Bin, m metrics.Metric, density []float64) metrics.Value {
	var x, y []float64
	for i, b := range bins {
		if v := b.Error(m); b.N > 0 && v.Defined() {
			x, y = append(x, density[i]), append(y, float64(v))
		}
	}
	return metrics.Value(metrics.Correlation(x, y))
}

// CorrelationText prints Pearson's r with a true minus sign.
func CorrelationText(r metrics.Value) string {
	if !r.Defined() {
		return "—"
	}
	return strings.Replace(reports.Fixed(float64(r), 2), "-", "−", 1)
}
