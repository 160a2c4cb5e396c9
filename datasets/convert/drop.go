package convert

import (
	"errors"
	"fmt"

	"github.com/dirbench/dirbench/datasets"
)

// dropTrain returns the sources without those training ones whose label lies in opts.DropTrain, and makes the bins that this
// empties few-shot where the shot rule is a list of bins: a bin without training data is not many-shot. The error tells of ranges
// that leave nothing to train on or drop nothing.
func dropTrain[T any](opts Options, meta *datasets.Meta, sources []T, of func(T) (datasets.Split, float32)) ([]T, error) {
	if len(opts.DropTrain) == 0 {
		return sources, nil
	}
	if err := opts.DropTrain.Check(meta.LabelSpace); err != nil {
		return nil, fmt.Errorf("drop-train: %w", err)
	}
	var kept []T
	var before, after []float32
	for _, s := range sources {
		split, label := of(s)
		if split == datasets.Train {
			before = append(before, label)
			if opts.DropTrain.Contains(label) {
				continue
			}
			after = append(after, label)
		}
		kept = append(kept, s)
	}
	switch len(after) {
	case 0:
		return nil, fmt.Errorf("drop-train %s: no training sample is left", opts.DropTrain)
	case len(before):
		return nil, fmt.Errorf("drop-train %s: no training sample has such a label", opts.DropTrain)
	}
	return kept, emptyBins(meta, meta.LabelSpace.Count(before), meta.LabelSpace.Count(after))
}

// emptyBins takes the bins that have lost all training samples from the lists of the shot rule.
func emptyBins(meta *datasets.Meta, before, after []int) error {
	rule := meta.Shots.WithoutMany(func(bin int) bool { return before[bin] > 0 && after[bin] == 0 })
	if len(meta.Shots.ManyBins) > 0 && len(rule.ManyBins)+len(rule.MediumBins) == 0 {
		return errors.New("drop-train: no bin of the many- and medium-shot lists is left")
	}
	meta.Shots = rule
	return nil
}
