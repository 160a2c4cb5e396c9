// Package analysis looks for what explains the errors of stored runs: errors by bin of the label space against the
// density of training labels, raw and as label distribution smoothing (LDS) sees it, and errors where there are no
// training labels at all.
package analysis

import (
	"fmt"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Bin is one bin of the label space: its training data, and the errors of a split there. Without samples errors are
// undefined.
type Bin struct {
	Index int     `json:"bin"`
	Lower float64 `json:"lower"` // smallest label
	Upper float64 `json:"upper"` // end of the bin; of the last one the largest label
	Train int     `json:"train"` // training samples, or pixels of a dense label
	// Scores are the metrics of [metrics.ByBin] over the samples or pixels of the split.
	metrics.Scores
	Bias metrics.Value `json:"bias"` // mean of prediction - label: above 0 where predictions are too high
}

// Error returns the bin's value of a metric of [metrics.ByBin], or undefined for another metric.
func (b Bin) Error(m metrics.Metric) metrics.Value {
	if v, ok := b.Values[m]; ok {
		return v
	}
	return metrics.Undefined()
}

// Bins returns every bin of a run's label space with the errors of its stored predictions of a split, those of a
// geometric mean under the manifest's zero policy. Predictions are read as a stream, for a dense label has millions.
// The error names the file and the row, or the manifest's field.
func Bins(run store.Run, split datasets.Split) ([]Bin, error) {
	space, counts := run.Manifest.Dataset.LabelSpace, run.Manifest.Dataset.TrainCounts
	if err := checkCounts(run); err != nil {
		return nil, err
	}
	sums, err := sumErrors(filepath.Join(run.Dir, store.PredictionsFile), split, space.Bins,
		metrics.Options{GMZero: run.Manifest.GMZero})
	if err != nil {
		return nil, err
	}
	bins := make([]Bin, space.Bins)
	for i := range bins {
		scores := sums[i].Scores()
		bins[i] = Bin{Index: i, Lower: space.Lower(i), Upper: space.Upper(i), Train: counts[i], Scores: scores,
			Bias: metrics.Value(sums[i].signed / float64(scores.N))}
	}
	return bins, nil
}

// checkCounts reports a manifest without a training count for each bin or with a shot rule of other bins.
func checkCounts(run store.Run) error {
	path, d := filepath.Join(run.Dir, store.ManifestFile), run.Manifest.Dataset
	if n := len(d.TrainCounts); n == 0 || n != d.LabelSpace.Bins {
		return fmt.Errorf("%s: dataset.train_counts has %d entries: expected one for each of the %d bins", path, n,
			d.LabelSpace.Bins)
	}
	if err := d.Shots.Validate(d.LabelSpace.Bins); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// errorSums adds up the errors of a bin.
type errorSums struct {
	metrics.Sums
	signed float64
}

// sumErrors returns the sums of each bin.
func sumErrors(path string, split datasets.Split, bins int, opts metrics.Options) ([]errorSums, error) {
	sums := make([]errorSums, bins)
	row, found := 0, false
	for p, err := range store.ReadPredictions(path) {
		if err != nil {
			return nil, err
		}
		row++
		if p.Split != split {
			continue
		}
		if p.Bin < 0 || int(p.Bin) >= bins {
			return nil, fmt.Errorf("%s: row %d: bin %d: expected 0 to %d", path, row, p.Bin, bins-1)
		}
		found = true
		sums[p.Bin].Add(float64(p.Label), float64(p.Prediction), opts)
		sums[p.Bin].signed += float64(p.Prediction) - float64(p.Label)
	}
	if !found {
		return nil, fmt.Errorf("%s: no predictions of split %s", path, split)
	}
	return sums, nil
}

// Mean averages the bins of several seeds, which share data and configuration: every figure is the mean of the seeds'
// figures.
func Mean(seeds [][]Bin) []Bin {
	mean := make([]Bin, len(seeds[0]))
	average := func(figure func(seed []Bin) metrics.Value) metrics.Value {
		sum := metrics.Value(0)
		for _, bins := range seeds {
			sum += figure(bins)
		}
		return sum / metrics.Value(len(seeds))
	}
	for i := range mean {
		mean[i] = seeds[0][i]
		mean[i].Bias = average(func(seed []Bin) metrics.Value { return seed[i].Bias })
		mean[i].Values = map[metrics.Metric]metrics.Value{}
		for m := range seeds[0][i].Values {
			mean[i].Values[m] = average(func(seed []Bin) metrics.Value { return seed[i].Values[m] })
		}
	}
	return mean
}
