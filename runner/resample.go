package runner

import (
	"fmt"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// resampler returns the rule of a method that resamples.
func (r *Run) resampler() methods.Resampler {
	recipe := r.Config.Recipe
	rule := methods.Resampler{Kind: r.method.Resample, Options: recipe.Resample}
	if r.method.LDS {
		rule.LDS, rule.Padding = &recipe.LDS, recipe.LDSPadding
	}
	return rule
}

// resampled returns the task as the run trains on it: with the training rows that its method makes, if it resamples.
func resampled(run *Run, task benchmarks.Task) (benchmarks.Task, error) {
	if run.method.Resample == methods.ResampleNone {
		return task, nil
	}
	mixer, ok := task.(benchmarks.Mixer)
	if !ok {
		return nil, fmt.Errorf("%s: the inputs of %s cannot be resampled", run.method, run.Config.Benchmark)
	}
	labels, space := task.Split(datasets.Train).Labels, run.Config.LabelSpace
	bins := make([]int, len(labels))
	for i, label := range labels {
		bins[i] = space.Bin(label)
	}
	result, err := run.resampler().Apply(labels, bins, space.Bins, mixer.Descriptor, run.Config.Seeds()[seedResample])
	if err != nil {
		return nil, dataError{err}
	}
	return mixer.Mix(result), nil
}
