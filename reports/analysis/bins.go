// Package analysis looks for what explains the errors of stored runs: errors by bin of the label space against the density of
// training labels, raw and as label distribution smoothing (LDS) sees it, and errors where there are no training labels at all.
package analysis

import (
	"fmt"
	"math"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Bin is one bin of the label space: its training data, and the errors of a split there. Without samples errors are undefined.
type Bin struct {
	Index int           `json:"bin"`
	Lower float64       `json:"lower"` // smallest label
	Upper float64       `json:"upper"` // end of the bin; of the last one the largest label
	Train int           `json:"train"` // training samples, or pixels of a dense label
	N     int           `json:"n"`     // samples or pixels of the split
	MAE   metrics.Value `json:"mae"`
	MSE   metrics.Value `json:"mse"`
	RMSE  metrics.Value `json:"rmse"`
	GM    metrics.Value `json:"gm"`
	Bias  metrics.Value `json:"bias"` // mean of prediction - label: above 0 where predictions are too high
}

// Error returns the bin's MAE, MSE, RMSE or GM, or undefined for another metric.
func (b Bin) Error(m metrics.Metric) metrics.Value {
	switch m {
	case metrics.MAE:
		return b.MAE
	case metrics.MSE:
		return b.MSE
	case metrics.RMSE:
		return b.RMSE
	case metrics.GM:
		return b.GM
	}
	return metrics.Undefined()
}

// Centre is the middle of the bin, in label units. The last bin, which may hold whatever lies above, is as wide as the others.
func (b Bin) Centre(space datasets.LabelSpace) float64 { return b.Lower + space.Width/2 }

// Bins returns every bin of a run's label space with the errors of its stored predictions of a split, those of a geometric mean
// under the manifest's zero policy. Predictions are read as a stream, for a dense label has millions. The error names the file
// and the row, or the manifest's field.
func Bins(run store.Run, split datasets.Split) ([]Bin, error) {
	space, counts := run.Manifest.Dataset.LabelSpace, run.Manifest.Dataset.TrainCounts
	if err := checkCounts(run); err != nil {
		return nil, err
	}
	sums, err := sumErrors(filepath.Join(run.Dir, store.PredictionsFile), split, space.Bins, run.Manifest.GMZero)
	if err != nil {
		return nil, err
	}
	bins := make([]Bin, space.Bins)
	for i := range bins {
		bins[i] = sums[i].bin()
		bins[i].Index, bins[i].Train, bins[i].Lower, bins[i].Upper = i, counts[i], space.Lower(i), space.Upper(i)
	}
	return bins, nil
}

// checkCounts reports a manifest without a training count for each bin or with a shot rule of other bins.
func checkCounts(run store.Run) error {
	path, d := filepath.Join(run.Dir, store.ManifestFile), run.Manifest.Dataset
	if n := len(d.TrainCounts); n == 0 || n != d.LabelSpace.Bins {
		return fmt.Errorf("%s: dataset.train_counts has %d entries: expected one for each of the %d bins", path, n, d.LabelSpace.Bins)
	}
	if err := d.Shots.Validate(d.LabelSpace.Bins); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// errorSums adds up the errors of a group of samples.
type errorSums struct {
	n                              int
	absolute, squared, log, signed float64
}

// sumErrors returns the sums of each bin.
func sumErrors(path string, split datasets.Split, bins int, zero metrics.ZeroPolicy) ([]errorSums, error) {
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
		sums[p.Bin].add(float64(p.Prediction)-float64(p.Label), zero)
	}
	if !found {
		return nil, fmt.Errorf("%s: no predictions of split %s", path, split)
	}
	return sums, nil
}

func (s *errorSums) add(err float64, zero metrics.ZeroPolicy) {
	s.n++
	s.signed += err
	s.squared += err * err
	s.absolute += math.Abs(err)
	s.log += zero.Log(math.Abs(err))
}

// bin returns the means; those of no samples are undefined.
func (s errorSums) bin() Bin {
	n := float64(s.n)
	return Bin{
		N: s.n, MAE: metrics.Value(s.absolute / n), MSE: metrics.Value(s.squared / n), RMSE: metrics.Value(math.Sqrt(s.squared / n)),
		GM: metrics.Value(math.Exp(s.log / n)), Bias: metrics.Value(s.signed / n),
	}
}

// Mean averages the bins of several seeds, which share data and configuration: every figure is the mean of the seeds' figures.
func Mean(seeds [][]Bin) []Bin {
	mean := make([]Bin, len(seeds[0]))
	for i := range mean {
		mean[i] = seeds[0][i]
		average := func(figure func(*Bin) *metrics.Value) {
			sum := metrics.Value(0)
			for _, bins := range seeds {
				sum += *figure(&bins[i])
			}
			*figure(&mean[i]) = sum / metrics.Value(len(seeds))
		}
		average(func(b *Bin) *metrics.Value { return &b.MAE })
		average(func(b *Bin) *metrics.Value { return &b.MSE })
		average(func(b *Bin) *metrics.Value { return &b.RMSE })
		average(func(b *Bin) *metrics.Value { return &b.GM })
		average(func(b *Bin) *metrics.Value { return &b.Bias })
	}
	return mean
}
