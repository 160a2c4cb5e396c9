package runner

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/cpu"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// silent is an observer that tells nobody.
type silent struct{}

func (silent) Begin(*Run, int, int)          {}
func (silent) Step(*Run, int, int, int, int) {}
func (silent) Epoch(*Run, store.Event)       {}
func (silent) Note(*Run, string)             {}
func (silent) End(*Run, store.Status, bool)  {}

// benchFit is a training that takes the same batch again and again.
type benchFit struct {
	*fit
	batch batch
}

func newBenchFit(ctx context.Context, backend compute.Backend, run *Run, task benchmarks.Task) (*benchFit, error) {
	if err := os.MkdirAll(run.Dir, 0o755); err != nil {
		return nil, err
	}
	t, err := newTrainer(backend, run, task)
	if err != nil {
		return nil, err
	}
	set, err := newTrainSet(run, task)
	if err != nil {
		return nil, err
	}
	set.memory, set.backend = t.memory, t.backend
	record := &record{run: run, observer: silent{}}
	f := &fit{trainer: t, ctx: ctx, record: record, train: set, random: run.Config.Seeds(), best: math.Inf(1), began: time.Now(),
		saves: &saver{every: math.MaxInt64, last: time.Now()}}
	return &benchFit{fit: f}, nil
}

// assemble makes the batch.
func (f *benchFit) assemble(size int) {
	order := f.order(0, allRows(f.train.rows))
	f.batch = f.train.batch(order[:min(size, len(order))], rand.New(rand.NewPCG(0, 0)))
}

// seconds returns the time of a step, the mean of some; steps are enqueued as in a training, and waited for at the end.
func (f *benchFit) seconds(steps int) (float64, error) {
	begin := time.Now()
	for i := range steps {
		if err := f.trainBatch(f.batch, i == steps-1); err != nil {
			return 0, err
		}
	}
	return time.Since(begin).Seconds() / float64(steps), nil
}

// collectSeconds returns the time of a batch in FDS's second pass.
func (f *benchFit) collectSeconds() (float64, error) {
	begin := time.Now()
	out, err := f.call(f.collect, append(slices.Clone(f.batch.inputs), f.batch.bins)...)
	if err == nil {
		_ = out[0].Value() // waits
	}
	return time.Since(begin).Seconds(), err
}

// endSeconds returns the time of the end of an epoch of FDS, the second one: the first compiles.
func (f *benchFit) endSeconds() (float64, error) {
	var begin time.Time
	for range 2 {
		begin = time.Now()
		if _, err := f.call(f.endEpoch); err != nil {
			return 0, err
		}
	}
	_, err := takeSnapshot(f.store, keptVariable) // waits
	return time.Since(begin).Seconds(), err
}

// benchRounds is into how many parts the timed steps are cut, between which the runs that are compared take turns.
const benchRounds = 5

// steps times training steps of the run without FDS and with both ways of its statistics, in turns.
func (r *BenchResult) steps(ctx context.Context, backend compute.Backend, plan benchPlan, task benchmarks.Task, steps int) error {
	var fits [3]*benchFit
	for i, run := range []*Run{plan.plain, plan.pass, plan.online} {
		f, err := newBenchFit(ctx, backend, run, task)
		if err != nil {
			return err
		}
		defer f.close()
		f.assemble(r.Batch)
		begin := time.Now()
		if _, err := f.seconds(1); err != nil { // compiles
			return err
		}
		if i == 0 {
			r.CompileSeconds = time.Since(begin).Seconds()
		}
		fits[i] = f
	}
	if _, err := fits[1].collectSeconds(); err != nil { // compiles
		return err
	}
	times := make([][]float64, 4) // of the three runs' steps, and of a batch of the second pass
	for range benchRounds {
		for i, f := range fits {
			seconds, err := f.seconds(max(1, steps/benchRounds))
			if err != nil {
				return err
			}
			times[i] = append(times[i], seconds)
		}
		seconds, err := fits[1].collectSeconds()
		if err != nil {
			return err
		}
		times[3] = append(times[3], seconds)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	end, err := fits[1].endSeconds()
	if err != nil {
		return err
	}
	plain, pass, online, collect := median(times[0]), median(times[1]), median(times[2]), median(times[3])
	rows := plan.plain.benchmark.TrainRows
	perEpoch := float64(max(1, rows/r.Batch))
	if subset := task.Split(datasets.Train).Subset; subset != nil {
		collect *= float64(len(subset)) / float64(task.Split(datasets.Train).Len())
	}
	r.FDSPass = (pass+collect+end/perEpoch)/plain - 1
	r.FDSOnline = (online+end/perEpoch)/plain - 1
	size := float64(fits[0].batch.inputs[0].Shape().Dim(0))
	r.Batch = int(size)
	r.StepSeconds, r.StepsPerSecond, r.SamplesPerSecond = plain, 1/plain, size/plain
	r.GFLOPPerStep, err = stepOperations(plan.plain, task, fits[0].batch)
	r.GFLOPPerStep /= 1e9
	r.GFLOPS = r.GFLOPPerStep / plain
	return err
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// stepOperations counts the floating-point operations of a training step, in its form for the backend go, which is not executed.
func stepOperations(run *Run, task benchmarks.Task, b batch) (float64, error) {
	counter, err := cpu.New("ops_sequential")
	if err != nil {
		return 0, err
	}
	defer counter.Finalize()
	counted := *run
	t, err := newTrainer(counter, &counted, task)
	if err != nil {
		return 0, err
	}
	defer t.close()
	inputs := append(slices.Clone(b.inputs), b.target, b.weight, b.bins, scalar(0))
	all := make([]shapes.Shape, len(inputs))
	for i, in := range inputs {
		all[i] = in.Shape()
	}
	operations := 0.0
	counter.(*cpu.Backend).Compiled = func(c cpu.Computation) { operations = c.Operations }
	_, err = t.step.Compile(all...)
	return operations, err
}
