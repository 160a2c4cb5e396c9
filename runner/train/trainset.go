package train

import (
	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
)

// trainSet is the training split with what the loss needs beside the inputs.
type trainSet struct {
	task    task.Task
	space   datasets.LabelSpace
	rows    int
	weight  []float32 // per bin
	scale   float32
	memory  *task.Memory    // for batches
	backend compute.Backend // that reads them
	// skipUnknown keeps pixels without a depth out of loss and feature statistics. The released code trains on the depth 0 that a rotation
	// leaves in the corners.
	skipUnknown bool
}

func newTrainSet(run *plan.Run, task task.Task) (*trainSet, error) {
	config := run.Config
	set := &trainSet{task: task, space: config.LabelSpace, rows: task.Split(datasets.Train).Len(), scale: float32(config.Recipe.LabelScale)}
	set.skipUnknown = task.Dense() && !config.Recipe.UnknownDepths
	counts := run.TrainCounts()
	if run.Method.Resample != methods.ResampleNone {
		counts = config.LabelSpace.Count(task.Split(datasets.Train).Labels)
	}
	weights, err := config.Recipe.Weighting(run.Method).BinWeights(counts)
	for _, w := range weights {
		set.weight = append(set.weight, float32(w))
	}
	return set, err
}

func (s *trainSet) binsOf(labels []float32) []int {
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = s.space.Bin(label)
	}
	return bins
}
