package train

import (
	"fmt"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// resampled returns the task as the run trains on it: with the training rows that its method makes, if it resamples.
func resampled(run *plan.Run, task task.Task) (task.Task, error) {
	if run.Method.Resample == methods.ResampleNone {
		return task, nil
	}
	labels, space := task.Split(datasets.Train).Labels, run.Config.LabelSpace
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = space.Bin(label)
	}
	result, err := run.Resampler().Apply(labels, bins, space.Bins, task.Descriptor, run.Config.Seeds()[plan.SeedResample])
	if err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	mixed, err := task.Mix(result)
	if err != nil {
		return nil, fmt.Errorf("%s on %s: %w", run.Method, run.Config.Benchmark, err)
	}
	return mixed, nil
}
