package analysis

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// groupKey is what the samples of a group have in common: the first of its bins, the label, or the genre.
type groupKey struct {
	Number float32
	Name   string
}

// samples are the predictions of a group, by column.
type samples struct {
	labels, preds []float32
	bins          []int
}

// scoreGroups computes the metrics of every group of a run.
func scoreGroups(r store.Run, opts BreakdownOptions) (map[groupKey]metrics.Scores, error) {
	keyOf, err := opts.key(r)
	if err = cmp.Or(err, checkCounts(r)); err != nil {
		return nil, err
	}
	path, space := filepath.Join(r.Dir, store.PredictionsFile), r.Manifest.Dataset.LabelSpace
	groups, row := map[groupKey]*samples{}, 0
	for p, err := range store.ReadPredictions(path) {
		if err != nil {
			return nil, err
		}
		row++
		if p.Split != opts.Split {
			continue
		}
		if p.Bin < 0 || int(p.Bin) >= space.Bins {
			return nil, fmt.Errorf("%s: row %d: bin %d: expected 0 to %d", path, row, p.Bin, space.Bins-1)
		}
		key, err := keyOf(p)
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, row, err)
		}
		if groups[key] == nil {
			groups[key] = &samples{}
		}
		groups[key].add(p)
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("%s: no predictions of split %s", path, opts.Split)
	}
	scores := map[groupKey]metrics.Scores{}
	for key, group := range groups {
		scores[key] = group.score(r.Manifest)
	}
	return scores, nil
}

func (s *samples) add(p store.Prediction) {
	s.labels, s.preds, s.bins = append(s.labels, p.Label), append(s.preds, p.Prediction), append(s.bins, int(p.Bin))
}

func (s *samples) score(m store.Manifest) metrics.Scores {
	if m.Dataset.Dense() {
		return metrics.ScoreDepth(s.labels, s.preds, s.bins)
	}
	return metrics.Score(s.labels, s.preds, s.bins, metrics.Options{GMZero: m.GMZero})
}

// key returns the function that groups the predictions of a run.
func (o BreakdownOptions) key(r store.Run) (func(store.Prediction) (groupKey, error), error) {
	switch o.By {
	case ByLabel:
		return func(p store.Prediction) (groupKey, error) { return groupKey{Number: p.Label}, nil }, nil
	case ByGenre:
		genres, err := o.Genres(r)
		return func(p store.Prediction) (groupKey, error) {
			genre, ok := genres[p.ID]
			if !ok {
				return groupKey{}, fmt.Errorf("sample %q has no genre in the dataset", p.ID)
			}
			return groupKey{Name: genre}, nil
		}, err
	}
	return func(p store.Prediction) (groupKey, error) {
		return groupKey{Number: float32(int(p.Bin) / o.Width * o.Width)}, nil
	}, nil
}

// group names the group of a key.
func (o BreakdownOptions) group(key groupKey, n int, d store.Dataset) Group {
	switch o.By {
	case ByLabel:
		return Group{Name: strconv.FormatFloat(float64(key.Number), 'g', -1, 32), N: n, order: float64(key.Number)}
	case ByGenre:
		return Group{Name: key.Name, N: n}
	}
	first := int(key.Number)
	last := min(first+o.Width, d.LabelSpace.Bins) - 1
	g := Group{Name: labelRange(d.LabelSpace, first, last), N: n, order: float64(first)}
	regions := d.Shots.Regions(d.TrainCounts)
	for bin := first; bin <= last; bin++ {
		g.Train += d.TrainCounts[bin]
		if !slices.Contains(g.Regions, regions[bin]) {
			g.Regions = append(g.Regions, regions[bin])
		}
	}
	return g
}
