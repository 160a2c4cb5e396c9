package analysis

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// DensityOptions choose what NewDensity relates.
type DensityOptions struct {
	Metric metrics.Metric // one of metrics.ByBin; empty: the first of them among the benchmark's metrics, or MAE
	Kernel *kernel.Kernel // of the effective density; nil: that of the method's own runs, see [SmoothingOf]
}

// Density relates the errors of a method by bin to the density of the training labels, after section 3.1 and figures 2
// and 3 of Yang et al. 2021: where labels are continuous, the raw density says little about the errors, the smoothed
// one more.
type Density struct {
	Scored
	Metric metrics.Metric      `json:"metric"`
	Space  datasets.LabelSpace `json:"label_space"`
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
		Scored: m.scored(split), Metric: opts.Metric, Space: manifest.Dataset.LabelSpace, Smoothing: smoothing,
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

// Smoothing is how label distribution smoothing turns counts into an effective density.
type Smoothing struct {
	Kernel  kernel.Kernel  `json:"kernel"`
	Padding kernel.Padding `json:"padding"`
}

// SmoothingOf returns what the run's LDS used. A run without LDS gets what every published recipe has: gaussian, 5
// taps, sigma 2, and no samples beyond the ends, or for dense labels (NYUD2) mirrored counts.
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

// Effective returns the effective label density of each bin (Yang et al. 2021, equation 2): the training counts
// convolved with the kernel's window, whose peak is 1. It is in the units of counts; its scale does not matter to a
// correlation.
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

// Correlate returns Pearson's correlation of the error and the density over the bins that have samples, as in section
// 3.1 of Yang et al. 2021. It is undefined for fewer than two such bins, and where either is the same in all of them.
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

// DensitySheet lays out the correlations of a table's methods, one row each, in the order of the densities.
func DensitySheet(t Table, list []Density) reports.Sheet {
	first := list[0]
	sheet := reports.Sheet{
		Title: first.Title + ": error and label density",
		Caption: append(t.caption(),
			fmt.Sprintf("Pearson's r between the %s of a bin in the %s split and its density of training labels: "+
				"empirical (counts) and effective (counts smoothed as by LDS).", first.Metric.Label(), first.Split),
			"r is of the errors averaged over seeds; by seed: mean ± standard deviation (ddof 1) of each seed's r."),
		Columns: []reports.SheetColumn{{Header: "Method"}},
		Notes:   t.notes(),
	}
	sheet.Columns = append(sheet.Columns, numbers("Seeds", "Bins", sampleHeader(t.Manifest()), "r empirical",
		"r effective", "r empirical by seed", "r effective by seed")...)
	sheet.Columns = append(sheet.Columns, reports.SheetColumn{Header: "Kernel"})
	for _, d := range list {
		bins, samples := d.Used()
		sheet.Rows = append(sheet.Rows, []reports.SheetCell{
			reports.Text(d.Method), integer(len(d.Seeds)), integer(bins), integer(samples),
			correlationCell(d.Empirical.OfMean), correlationCell(d.Effective.OfMean),
			summary(d.Empirical.Seeds, 2), summary(d.Effective.Seeds, 2), reports.Text(d.Smoothing.Describe()),
		})
	}
	return sheet
}

func correlationCell(r metrics.Value) reports.SheetCell { return summary([]metrics.Value{r}, 2) }

func sampleHeader(m store.Manifest) string {
	if m.Dataset.Dense() {
		return "Pixels"
	}
	return "Samples"
}

// BinsSheet lays out the bins behind one density that have training data or samples.
func BinsSheet(t Table, d Density) reports.Sheet {
	sheet := reports.Sheet{
		Title: d.Title + ": " + d.Method + " by bin",
		Caption: append(t.caption(), fmt.Sprintf("Errors of the %s split, means over %s; effective density: %s.",
			d.Split, english.Plural(len(d.Seeds), "seed", ""), d.Smoothing.Describe())),
		Columns: append([]reports.SheetColumn{{Header: "Labels"}}, numbers("Train", "Effective", "n")...),
		Notes:   t.notes(),
	}
	for _, m := range metrics.ByBin {
		sheet.Columns = append(sheet.Columns, numbers(m.Label()+UnitText(d.Space, m))...)
	}
	sheet.Columns = append(sheet.Columns, numbers("Bias"+UnitText(d.Space, metrics.MAE))...)
	for _, b := range d.Bins {
		if b.N == 0 && b.Train == 0 {
			continue
		}
		row := []reports.SheetCell{
			reports.Number(labelRange(d.Space, b.Index, b.Index), b.Lower), integer(b.Train),
			reports.Number(strconv.FormatFloat(b.Effective, 'f', 1, 64), b.Effective), integer(b.N),
		}
		for _, m := range metrics.ByBin {
			row = append(row, summary([]metrics.Value{b.Error(m)}, m.Decimals(d.Space)))
		}
		sheet.Rows = append(sheet.Rows, append(row, summary([]metrics.Value{b.Bias}, metrics.MAE.Decimals(d.Space))))
	}
	return sheet
}
