package train

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// trainSet is the training split with what the loss needs beside the inputs.
type trainSet struct {
	task   task.Task
	space  datasets.LabelSpace
	rows   int
	weight []float32 // per bin
	// rowWeight is the weight of each row in their place; nil without a method that weights by sample.
	rowWeight []float32
	recipe    task.Recipe
	memory    *task.Memory    // for batches
	rowBytes  int             // of the inputs of a row
	backend   compute.Backend // that reads them
	// skipUnknown keeps pixels without a depth out of loss and feature statistics. The released code trains on the depth 0
	// that a rotation leaves in the corners.
	skipUnknown bool
}

func newTrainSet(run *plan.Run, task task.Task) (*trainSet, error) {
	config := run.Config
	set := &trainSet{task: task, space: config.LabelSpace, rows: task.Split(datasets.Train).Len(), recipe: config.Recipe}
	set.skipUnknown = task.Dense() && !config.Recipe.UnknownDepths
	weights, err := config.Recipe.Weighting(run.Method).BinWeights(trainCounts(run, task))
	for _, w := range weights {
		set.weight = append(set.weight, float32(w))
	}
	if err != nil {
		return nil, err
	}
	set.rowWeight, err = rowWeights(run, labelsForMethods(config.Recipe, task.Split(datasets.Train).Labels))
	return set, err
}

// trainCounts returns the number of training labels in each bin, after resampling.
func trainCounts(run *plan.Run, task task.Task) []int {
	if run.Method.Resample() != methods.ResampleNone {
		return run.Config.LabelSpace.Count(task.Split(datasets.Train).Labels)
	}
	return run.TrainCounts()
}

// prepared returns what the run's methods compute before the first step, by their names.
func prepared(run *plan.Run, task task.Task) (map[string]any, error) {
	space, recipe := run.Config.LabelSpace, run.Config.Recipe
	density, err := recipe.Weighting(run.Method).Density(trainCounts(run, task))
	if err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	mean, unit := methodUnit(recipe)
	training := methods.Training{
		Labels: labelsForMethods(recipe, task.Split(datasets.Train).Labels), Counts: trainCounts(run, task), Density: density,
		Lowest: (space.Lower(0) - mean) / unit, Width: space.MeanWidth() / unit, LabelScale: recipe.LabelScale / unit,
		BatchSize: recipe.BatchSize,
	}
	for bin := range space.Bins {
		training.Centers = append(training.Centers, (space.Center(bin)-mean)/unit)
		training.Middles = append(training.Middles, (space.Middle(bin)-mean)/unit)
	}
	all := map[string]any{}
	for _, part := range run.Method.Hooks(run.First != nil) {
		if part.Prepare == nil {
			continue
		}
		if all[part.Name], err = part.Prepare(training, part.Values); err != nil {
			return nil, store.Failure{Class: store.ClassData, Err: fmt.Errorf("%s on %s: %w", part.Name, run.Config.Benchmark,
				err)}
		}
	}
	return all, nil
}

// methodUnit returns the label at which the scale of methods begins, and its unit: those of labels or of the network.
func methodUnit(recipe task.Recipe) (mean, unit float64) {
	if recipe.NetworkUnits {
		return recipe.LabelMean, recipe.LabelScale
	}
	return 0, 1
}

// labelsForMethods returns labels in the units of methods.
func labelsForMethods(recipe task.Recipe, labels []float32) []float32 {
	if !recipe.NetworkUnits {
		return labels
	}
	seen := make([]float32, len(labels))
	for i, label := range labels {
		seen[i] = recipe.Target(label)
	}
	return seen
}

// rowWeights returns the weights of a method that weights by sample; nil without one.
func rowWeights(run *plan.Run, labels []float32) (weights []float32, err error) {
	for _, part := range run.Method {
		if part.Weights == nil {
			continue
		}
		list, err := part.Weights(labels, part.Values)
		if err == nil && len(list) != len(labels) {
			err = fmt.Errorf("%d weights for %d rows", len(list), len(labels))
		}
		if err != nil {
			return nil, fmt.Errorf("%s on %s: %w", part.Name, run.Config.Benchmark, err)
		}
		for _, w := range list {
			weights = append(weights, float32(w))
		}
	}
	return weights, nil
}

func binsOf(space datasets.LabelSpace, labels []float32) []int {
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = space.Bin(label)
	}
	return bins
}

// resampled returns the task as the run trains on it: with the training rows that its method makes, if it resamples.
func resampled(run *plan.Run, task task.Task) (task.Task, error) {
	if run.Method.Resample() == methods.ResampleNone {
		return task, nil
	}
	labels, space := task.Split(datasets.Train).Labels, run.Config.LabelSpace
	resampler := run.Resampler()
	resampler.Squared = task.Distance()
	seed := run.Config.Seeds()[plan.SeedResample]
	result, err := resampler.Apply(labels, binsOf(space, labels), space.Bins, task.Descriptor, seed)
	if err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	mixed, err := task.Mix(result)
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", run.Method, run.Config.Benchmark, err)
	}
	return mixed, nil
}

// bucketWindow is the number of batches among which rows are exchanged.
const bucketWindow = 16

// bucket changes a shuffled order so that the rows of a batch have similar lengths: it sorts a window of some batches
// at a time by length, and then shuffles the batches. A last batch that is smaller stays the last, of the rows that
// chance gave it.
func bucket(order []int, size int, lengths []int, random *rand.Rand) {
	batches := len(order) / size
	for first := 0; first < batches; first += bucketWindow {
		window := order[first*size : min(first+bucketWindow, batches)*size]
		slices.SortStableFunc(window, func(a, b int) int { return cmp.Compare(lengths[a], lengths[b]) })
	}
	random.Shuffle(batches, func(i, j int) {
		for k := range size {
			order[i*size+k], order[j*size+k] = order[j*size+k], order[i*size+k]
		}
	})
}

// byLength returns the rows of a split from the shortest to the longest, or as they are if they have no lengths.
func byLength(task task.Task, split datasets.Split) []int {
	rows := allRows(task.Split(split).Len())
	if lengths := task.Split(split).Lengths; lengths != nil {
		slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(lengths[a], lengths[b]) })
	}
	return rows
}
