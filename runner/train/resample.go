package train

import (
	"fmt"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// resampled returns the task as the run trains on it: with the training rows that its method makes, if it resamples.
func resampled(run *plan.Run, task benchmarks.Task) (benchmarks.Task, error) {
	if run.Method.Resample == methods.ResampleNone {
		return task, nil
	}
	mixer, ok := task.(benchmarks.Mixer)
	if !ok {
		return nil, fmt.Errorf("%s: the inputs of %s cannot be resampled", run.Method, run.Config.Benchmark)
	}
	labels, space := task.Split(datasets.Train).Labels, run.Config.LabelSpace
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = space.Bin(label)
	}
	result, err := run.Resampler().Apply(labels, bins, space.Bins, mixer.Descriptor, run.Config.Seeds()[plan.SeedResample])
	if err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	return mixer.Mix(result), nil
}
