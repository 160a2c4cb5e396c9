package store

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// Evaluate computes the metrics of a run from its stored predictions, under the shot rule, the training counts and
// the zero policy of the manifest, and of a dense dataset those of depth estimation over its pixels. It reads no
// dataset. Splits without predictions are absent from the result. The error names the predictions file and the row, or
// the manifest's field.
func Evaluate(dir string, m Manifest) (Results, error) {
	counts := m.Dataset.TrainCounts
	if len(counts) == 0 || len(counts) != m.Dataset.LabelSpace.Bins {
		return nil, fmt.Errorf("%s: dataset.train_counts has %d entries: expected one for each of the %d bins",
			filepath.Join(dir, ManifestFile), len(counts), m.Dataset.LabelSpace.Bins)
	}
	if err := m.Dataset.Shots.Validate(len(counts)); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ManifestFile), err)
	}
	parts, err := readSplits(filepath.Join(dir, PredictionsFile), len(counts))
	if err != nil {
		return nil, err
	}
	regions := m.Dataset.Shots.Regions(counts)
	results := Results{}
	for split, p := range parts {
		results[string(split)] = p.Score(regions, m)
	}
	return results, nil
}

// Columns are predictions by column, as metrics take them; no figure needs the ids.
type Columns struct {
	Labels, Preds []float32
	Spreads       []float32 // nil where no row has one
	Bins          []int
}

// Add takes in a row.
func (c *Columns) Add(p Prediction) {
	if p.Spread != 0 && c.Spreads == nil {
		c.Spreads = make([]float32, len(c.Labels))
	}
	c.Labels, c.Preds, c.Bins = append(c.Labels, p.Label), append(c.Preds, p.Prediction), append(c.Bins, int(p.Bin))
	if c.Spreads != nil {
		c.Spreads = append(c.Spreads, p.Spread)
	}
}

// Options are those of an evaluation of the predictions, which are of a run of the manifest.
func (c *Columns) Options(m Manifest) metrics.Options {
	return metrics.Options{
		GMZero: m.GMZero, Spreads: c.Spreads, Law: m.SpreadLaw, Relevance: m.Dataset.RelevanceOfLabels(),
	}
}

// Score returns the metrics of predictions of a run of the manifest; of a dense dataset those of depth estimation.
func (c *Columns) Score(regions []datasets.Region, m Manifest) metrics.ByRegion {
	if m.Dataset.Dense() {
		return metrics.EvaluateDepth(c.Labels, c.Preds, c.Bins, regions)
	}
	return metrics.Evaluate(c.Labels, c.Preds, c.Bins, regions, c.Options(m))
}

// readSplits reads a predictions file and checks what the metrics rely on: known splits and valid bins.
func readSplits(path string, bins int) (map[datasets.Split]*Columns, error) {
	parts := map[datasets.Split]*Columns{}
	row := 0
	for p, err := range ReadPredictions(path) {
		if err != nil {
			return nil, err
		}
		row++
		if !slices.Contains(datasets.Splits, p.Split) {
			return nil, fmt.Errorf("%s: row %d: split %q: expected train, val or test", path, row, p.Split)
		}
		if p.Bin < 0 || int(p.Bin) >= bins {
			return nil, fmt.Errorf("%s: row %d: bin %d: expected 0 to %d", path, row, p.Bin, bins-1)
		}
		if parts[p.Split] == nil {
			parts[p.Split] = &Columns{}
		}
		parts[p.Split].Add(p)
	}
	return parts, nil
}
