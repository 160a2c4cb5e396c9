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
		results[string(split)] = p.score(regions, m)
	}
	return results, nil
}

// splitPredictions are the predictions of one split, by column; no figure needs the ids.
type splitPredictions struct {
	labels, preds []float32
	bins          []int
}

func (p *splitPredictions) score(regions []datasets.Region, m Manifest) metrics.ByRegion {
	if m.Dataset.Dense() {
		return metrics.EvaluateDepth(p.labels, p.preds, p.bins, regions)
	}
	return metrics.Evaluate(p.labels, p.preds, p.bins, regions, metrics.Options{GMZero: m.GMZero})
}

// readSplits reads a predictions file and checks what the metrics rely on: known splits and valid bins.
func readSplits(path string, bins int) (map[datasets.Split]*splitPredictions, error) {
	parts := map[datasets.Split]*splitPredictions{}
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
			parts[p.Split] = &splitPredictions{}
		}
		part := parts[p.Split]
		part.labels = append(part.labels, p.Label)
		part.preds = append(part.preds, p.Prediction)
		part.bins = append(part.bins, int(p.Bin))
	}
	return parts, nil
}
