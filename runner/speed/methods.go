package speed

import (
	"context"
	"slices"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/train"
)

// MethodsResult are the steps of methods on one benchmark, at one scale, on one backend.
type MethodsResult struct {
	Benchmark string       `json:"benchmark"`
	Scale     string       `json:"scale"`
	Backend   string       `json:"backend"`
	Precision string       `json:"precision,omitempty"`
	Data      string       `json:"data"` // "twin" or the name of the dataset
	Methods   []MethodStep `json:"methods"`
	LeftOut   []string     `json:"left_out"` // why the benchmark has no run of other methods, a line each
}

// MethodStep is the training step of a method on batches that are there, or that of one of its stages.
type MethodStep struct {
	Method string `json:"method"`
	// Retrains says that the encoder is frozen and the head is trained, as in the second stage of RRT.
	Retrains    bool    `json:"retrains"`
	Batch       int     `json:"batch"`        // rows
	StepSeconds float64 `json:"step_seconds"` // median
	// Relative is the time of a row, over that of vanilla in turns with it; median.
	Relative float64 `json:"relative"`
	Error    string  `json:"error,omitempty"` // the method could not be measured
}

// Methods measures the training step of each of the order's methods beside vanilla's.
func Methods(ctx context.Context, o BenchOrder) (result MethodsResult, err error) {
	err = train.Recovered(func() error {
		result, err = o.methods(ctx)
		return err
	})
	return result, err
}

const vanilla = "vanilla"

func (o BenchOrder) methods(ctx context.Context) (MethodsResult, error) {
	result := MethodsResult{Benchmark: o.Benchmark, Scale: o.Scale, Backend: o.Backend, Precision: o.Precision,
		LeftOut: []string{}}
	entry, err := o.entry()
	if err != nil {
		return result, err
	}
	runs, absent, err := o.runs(entry, "", append([]string{vanilla}, o.Methods...)...)
	if err != nil {
		return result, err
	}
	for _, a := range absent {
		result.LeftOut = append(result.LeftOut, a.String())
	}
	plain := runs[slices.IndexFunc(runs, func(r *plan.Run) bool { return r.Config.Method == vanilla })]
	if result.Data = plain.Dataset.Meta.Name; plain.Dataset.Meta.Twin {
		result.Data = "twin"
	}
	loaded, err := train.LoadTask(ctx, plain, train.Silent{})
	if err != nil {
		return result, err
	}
	on, _, err := backend.Open(o.Backend)
	if err != nil {
		return result, err
	}
	defer on.Finalize()
	base, rows, err := timed(ctx, on, plain, loaded)
	if err != nil {
		return result, err
	}
	defer base.Close()
	for _, run := range runs {
		step := MethodStep{Method: run.Config.Method, Retrains: run.First != nil}
		if err := step.measure(ctx, on, base, rows, run, loaded, o.Steps); err != nil {
			step.Error = err.Error()
		}
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		result.Methods = append(result.Methods, step)
	}
	return result, nil
}

// measure times steps of a run and of vanilla, whose batches have plainRows, in turns.
func (s *MethodStep) measure(ctx context.Context, on compute.Backend, base *train.Timed, plainRows int, run *plan.Run,
	loaded task.Task, steps int) error {
	own := loaded
	if run.Method.Resample() != methods.ResampleNone {
		var err error
		if own, err = train.LoadTask(ctx, run, train.Silent{}); err != nil {
			return err
		}
	}
	f, rows, err := timed(ctx, on, run, own)
	if err != nil {
		return err
	}
	defer f.Close()
	s.Batch = rows
	var seconds, relative []float64
	for range benchRounds {
		before, err := base.StepSeconds(max(1, steps/benchRounds))
		if err != nil {
			return err
		}
		one, err := f.StepSeconds(max(1, steps/benchRounds))
		if err != nil {
			return err
		}
		seconds, relative = append(seconds, one), append(relative, one/before*float64(plainRows)/float64(rows))
	}
	s.StepSeconds, s.Relative = median(seconds), median(relative)
	return ctx.Err()
}

// timed returns a training whose step is compiled, and the rows of its batches.
func timed(ctx context.Context, on compute.Backend, run *plan.Run, loaded task.Task) (*train.Timed, int, error) {
	f, err := train.NewTimed(ctx, on, run, loaded)
	if err != nil {
		return nil, 0, err
	}
	rows := min(run.Config.Recipe.BatchSize, loaded.Split(datasets.Train).Len())
	f.Assemble(rows)
	if run.First != nil {
		err = f.Freeze()
	}
	if err == nil {
		_, err = f.StepSeconds(1) // compiles
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, rows, nil
}
