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

// benchFit is a training that takes the same batches again and again.
type benchFit struct {
	*fit
	batches []benchBatch
}

// benchBatch stands for all batches of an epoch that have its shape.
type benchBatch struct {
	batch
	share float64 // of the epoch's full batches
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

// assemble makes a batch of each shape that the full batches of an epoch have: sentences are padded to the longest of their batch, all
// other inputs have one shape.
func (f *benchFit) assemble(size int) {
	order := f.order(0, allRows(f.train.rows))
	size = min(size, len(order))
	total := 1
	if _, ok := f.task.(benchmarks.Bucketer); ok {
		total = len(order) / size
	}
	for i := range total {
		b := f.train.batch(order[i*size:][:size], rand.New(rand.NewPCG(0, uint64(i))))
		same := func(there benchBatch) bool { return there.inputs[0].Shape().Equal(b.inputs[0].Shape()) }
		at := slices.IndexFunc(f.batches, same)
		if at < 0 {
			at = len(f.batches)
			f.batches = append(f.batches, benchBatch{batch: b})
		} else {
			f.train.memory.Release(append(slices.Clone(b.inputs), b.target, b.weight, b.bins)...)
		}
		f.batches[at].share += 1 / float64(total)
	}
}

// seconds returns the time of a step: for each shape the mean of some, and over the shapes the mean of an epoch. Steps are enqueued as
// in a training, and waited for at the end.
func (f *benchFit) seconds(steps int) (mean float64, err error) {
	for _, b := range f.batches {
		begin := time.Now()
		for i := range steps {
			if err := f.trainBatch(b.batch, i == steps-1); err != nil {
				return 0, err
			}
		}
		mean += b.share * time.Since(begin).Seconds() / float64(steps)
	}
	return mean, nil
}

// collectSeconds returns the time of a batch in FDS's second pass, the mean of an epoch.
func (f *benchFit) collectSeconds() (mean float64, err error) {
	for _, b := range f.batches {
		begin := time.Now()
		out, err := f.call(f.collect, append(slices.Clone(b.inputs), b.bins)...)
		if err != nil {
			return 0, err
		}
		_ = out[0].Value() // waits
		mean += b.share * time.Since(begin).Seconds()
	}
	return mean, nil
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

// round is what one turn of the runs that are compared took: a step of each, and a batch of the second pass, in seconds.
type round struct{ plain, pass, online, collect float64 }

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
	rounds, err := takeTurns(ctx, fits, max(1, steps/benchRounds))
	if err != nil {
		return err
	}
	r.Batch = fits[0].batches[0].inputs[0].Shape().Dim(0)
	end, err := fits[1].endSeconds()
	if err != nil {
		return err
	}
	r.compare(rounds, end/float64(max(1, plan.plain.benchmark.TrainRows/r.Batch)), passShare(task))
	r.GFLOPPerStep, err = stepOperations(plan.plain, task, fits[0].batches)
	r.GFLOPPerStep /= 1e9
	r.GFLOPS = r.GFLOPPerStep / r.StepSeconds
	return err
}

// passShare is the share of the training rows that the second pass reads.
func passShare(task benchmarks.Task) float64 {
	train := task.Split(datasets.Train)
	if train.Subset == nil {
		return 1
	}
	return float64(len(train.Subset)) / float64(train.Len())
}

// takeTurns times so many steps of each run in each round.
func takeTurns(ctx context.Context, fits [3]*benchFit, steps int) ([]round, error) {
	if _, err := fits[1].collectSeconds(); err != nil { // compiles
		return nil, err
	}
	rounds := make([]round, benchRounds)
	for i := range rounds {
		r := &rounds[i]
		for k, into := range []*float64{&r.plain, &r.pass, &r.online} {
			seconds, err := fits[k].seconds(steps)
			if err != nil {
				return nil, err
			}
			*into = seconds
		}
		var err error
		if r.collect, err = fits[1].collectSeconds(); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return rounds, nil
}

// compare takes medians over the rounds: of the step, and of what FDS adds to it within a round, which a machine that is slow for a
// while disturbs less. An epoch of FDS ends with end seconds a step, and its second pass reads a share of the rows.
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

// stepOperations counts the floating-point operations of a training step, the mean of an epoch, in its form for the backend go, which is
// not executed.
func stepOperations(run *Run, task benchmarks.Task, batches []benchBatch) (float64, error) {
	counter, err := cpu.New("ops_sequential")
	if err != nil {
		return 0, err
	}
	defer counter.Finalize()
	counted := *run
	counted.Config.Recipe.Precision = benchmarks.PrecisionFloat32 // the only one that backend go computes in
	t, err := newTrainer(counter, &counted, task)
	if err != nil {
		return 0, err
	}
	defer t.close()
	mean := 0.0
	for _, b := range batches {
		counter.(*cpu.Backend).Compiled = func(c cpu.Computation) { mean += b.share * c.Operations }
		if err := t.compileStep(b.batch); err != nil {
			return 0, err
		}
	}
	return mean, nil
}

// compileEpoch compiles the training step for the batches of an epoch: a small last one may have a length of its own, which would
// count as time of the device.
func (f *benchFit) compileEpoch(size int) error {
	for b := range f.train.batches(f.ctx, f.order(0, allRows(f.train.rows)), size, 0, f.augmentation(0)) {
		if err := f.compileStep(b); err != nil {
			return err
		}
	}
	return f.ctx.Err()
}

// compileStep compiles the training step for the shapes of a batch, unless it is.
func (t *trainer) compileStep(b batch) error {
	var all []shapes.Shape
	for _, in := range append(slices.Clone(b.inputs), b.target, b.weight, b.bins, scalar(0)) {
		all = append(all, in.Shape())
	}
	_, err := t.step.Compile(all...)
	return err
}
