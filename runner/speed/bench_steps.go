package speed

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/backend/cpu"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/train"
)

// benchRounds is into how many parts the timed steps are cut, between which the runs that are compared take turns.
const benchRounds = 5

// round is what one turn of the runs that are compared took: a step of each, and a batch of the second pass, in
// seconds.
type round struct{ plain, pass, online, collect float64 }

// steps times training steps of the run without FDS and with both ways of its statistics, in turns.
func (r *BenchResult) steps(ctx context.Context, backend compute.Backend, runs benchPlan, task task.Task,
	steps int) error {
	var fits [3]*train.Timed
	for i, run := range []*plan.Run{runs.plain, runs.pass, runs.online} {
		f, err := train.NewTimed(ctx, backend, run, task)
		if err != nil {
			return err
		}
		defer f.Close()
		f.Assemble(r.Batch)
		begin := time.Now()
		if _, err := f.StepSeconds(1); err != nil { // compiles
			return err
		}
		if i == 0 {
			r.CompileSeconds = time.Since(begin).Seconds()
		}
		fits[i] = f
	}
	rounds, err := takeTurns(ctx, fits, max(1, steps/benchRounds))
	if err != nil {
		return err
	}
	r.Batch = fits[0].Rows()
	end, err := fits[1].EndSeconds()
	if err != nil {
		return err
	}
	r.compare(rounds, end/float64(max(1, runs.plain.Benchmark.TrainRows/r.Batch)), passShare(task))
	r.GFLOPPerStep, err = stepOperations(ctx, runs.plain, task, fits[0].Batches)
	r.GFLOPPerStep /= 1e9
	r.GFLOPS = r.GFLOPPerStep / r.StepSeconds
	return err
}

// passShare is the share of the training rows that the second pass reads.
func passShare(task task.Task) float64 {
	train := task.Split(datasets.Train)
	if train.Subset == nil {
		return 1
	}
	return float64(len(train.Subset)) / float64(train.Len())
}

// takeTurns times so many steps of each run in each round.
func takeTurns(ctx context.Context, fits [3]*train.Timed, steps int) ([]round, error) {
	if _, err := fits[1].CollectSeconds(); err != nil { // compiles
		return nil, err
	}
	rounds := make([]round, benchRounds)
	for i := range rounds {
		r := &rounds[i]
		for k, into := range []*float64{&r.plain, &r.pass, &r.online} {
			seconds, err := fits[k].StepSeconds(steps)
			if err != nil {
				return nil, err
			}
			*into = seconds
		}
		var err error
		if r.collect, err = fits[1].CollectSeconds(); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return rounds, nil
}

// compare takes medians over the rounds: of the step, and of what FDS adds to it within a round, which a machine that
// is slow for a while disturbs less. An epoch of FDS ends with end seconds a step, and its second pass reads a share of
// the rows.
func (r *BenchResult) compare(rounds []round, end, share float64) {
	over := func(f func(round) float64) float64 {
		var values []float64
		for _, one := range rounds {
			values = append(values, f(one))
		}
		return median(values)
	}
	r.StepSeconds = over(func(one round) float64 { return one.plain })
	r.StepsPerSecond, r.SamplesPerSecond = 1/r.StepSeconds, float64(r.Batch)/r.StepSeconds
	r.FDSPass = over(func(one round) float64 { return (one.pass+share*one.collect+end)/one.plain - 1 })
	r.FDSOnline = over(func(one round) float64 { return (one.online+end)/one.plain - 1 })
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// stepOperations counts the floating-point operations of a training step, the mean of an epoch, in its form for the
// backend go, which is not executed.
func stepOperations(ctx context.Context, run *plan.Run, loaded task.Task, batches []train.TimedBatch) (float64, error) {
	counter, err := cpu.New("ops_sequential")
	if err != nil {
		return 0, err
	}
	defer counter.Finalize()
	counted := *run
	counted.Config.Recipe.Precision = task.PrecisionFloat32 // the only one that backend go computes in
	t, err := train.NewTimed(ctx, counter, &counted, loaded)
	if err != nil {
		return 0, err
	}
	defer t.Close()
	mean := 0.0
	for _, b := range batches {
		counter.(*cpu.Backend).Compiled = func(c cpu.Computation) { mean += b.Share * c.Operations }
		if err := t.CompileStep(b); err != nil {
			return 0, err
		}
	}
	return mean, nil
}

// peakMemory returns the most resident memory that the process has had, in bytes, where the system tells it; else 0.
func peakMemory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if fields := bytes.Fields(line); len(fields) >= 2 && string(fields[0]) == "VmHWM:" {
			kibibytes, _ := strconv.ParseUint(string(fields[1]), 10, 64)
			return kibibytes << 10
		}
	}
	return 0
}
