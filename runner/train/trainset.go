package train

import (
	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
)

// trainSet is the training split with what the loss needs beside the inputs.
type trainSet struct {
	task    benchmarks.Task
	space   datasets.LabelSpace
	rows    int
	weight  []float32 // per bin
	scale   float32
	memory  *benchmarks.Memory // for batches
	backend compute.Backend    // that reads them
	// skipUnknown keeps pixels without a depth out of loss and feature statistics. The released code trains on the depth 0 that a rotation
	// leaves in the corners.
	skipUnknown bool
}

func newTrainSet(run *plan.Run, task benchmarks.Task) (*trainSet, error) {
	config := run.Config
	set := &trainSet{task: task, space: config.LabelSpace, rows: task.Split(datasets.Train).Len(), scale: float32(config.Recipe.LabelScale)}
	set.skipUnknown = run.Dataset.Meta.Modality.Dense() && config.Semantics == methods.Paper
	counts := run.TrainCounts()
	if run.Method.Resample != methods.ResampleNone {
		counts = config.LabelSpace.Count(task.Split(datasets.Train).Labels)
	}
	weights, err := weighting(run).BinWeights(counts)
	for _, w := range weights {
		set.weight = append(set.weight, float32(w))
	}
	return set, err
}

// weighting returns the rule for the run's loss weights.
func weighting(run *plan.Run) methods.Weighting {
	recipe := run.Config.Recipe
	w := methods.Weighting{
		Reweight: run.Method.WeightRule(recipe.Reweight), Padding: recipe.LDSPadding, FirstBin: recipe.FirstBin,
		ClipLow: recipe.InvClip[0], ClipHigh: recipe.InvClip[1], Semantics: run.Config.Semantics,
	}
	if run.Method.LDS {
		w.LDS = &recipe.LDS
	}
	return w
}

func (s *trainSet) binsOf(labels []float32) []int {
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = s.space.Bin(label)
	}
	return bins
}
