package train

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
)

// Timed is a training whose parts are called one by one, on the same batches again and again, to be timed.
type Timed struct {
	fit     *fit
	Batches []TimedBatch
}

// TimedBatch stands for all batches of an epoch that have its shape.
type TimedBatch struct {
	batch
	Share float64 // of the epoch's full batches
}

// NewTimed returns a training of the run from its beginning.
func NewTimed(ctx context.Context, backend compute.Backend, run *plan.Run, task task.Task) (*Timed, error) {
	if err := os.MkdirAll(run.Dir, 0o755); err != nil {
		return nil, err
	}
	t, err := newTrainer(backend, run, task)
	if err != nil {
		return nil, err
	}
	set, err := t.prepare()
	if err != nil {
		return nil, err
	}
	record := &Record{run: run, observer: Silent{}}
	f := &fit{trainer: t, ctx: ctx, record: record, train: set, random: run.Config.Seeds(), best: math.Inf(1),
		began: time.Now(), saves: &saver{every: math.MaxInt64, last: time.Now()}}
	return &Timed{fit: f}, nil
}

// Close releases the graphs and variables.
func (t *Timed) Close() { t.fit.close() }

// Rows is the number of rows of a full batch.
func (t *Timed) Rows() int { return t.Batches[0].inputs[0].Shape().Dim(0) }

// Assemble makes a batch of each shape that the full batches of an epoch have: sentences are padded to the longest of
// their batch, all other inputs have one shape.
func (t *Timed) Assemble(size int) {
	order := t.fit.order(0, allRows(t.fit.train.rows))
	size = min(size, len(order))
	total := 1
	if t.fit.task.Split(datasets.Train).Lengths != nil {
		total = len(order) / size
	}
	for i := range total {
		var random []*rand.Rand
		for number := range t.fit.copies() {
			random = append(random, rand.New(rand.NewPCG(uint64(number), uint64(i))))
		}
		b := t.fit.train.batch(order[i*size:][:size], random...)
		same := func(there TimedBatch) bool { return there.inputs[0].Shape().Equal(b.inputs[0].Shape()) }
		at := slices.IndexFunc(t.Batches, same)
		if at < 0 {
			at = len(t.Batches)
			t.Batches = append(t.Batches, TimedBatch{batch: b})
		} else {
			t.fit.train.memory.Release(b.all()...)
		}
		t.Batches[at].Share += 1 / float64(total)
	}
}

// Freeze gives the encoder its first values and stops its training, as in a second stage, which starts from a finished
// one. It is called after Assemble and before a step.
func (t *Timed) Freeze() error {
	if err := t.fit.task.Initialise(t.fit.store.RootScope().At(encoderScope)); err != nil {
		return err
	}
	if _, err := t.fit.call(t.fit.predict, t.Batches[0].inputs...); err != nil { // makes the variables
		return err
	}
	for v := range t.fit.store.IterVariables() {
		if strings.HasPrefix(v.Path(), "/"+encoderScope+"/") {
			v.SetTrainable(false)
		}
	}
	return nil
}

// StepSeconds returns the time of a step: for each shape the mean of some, and over the shapes the mean of an epoch.
// Steps are enqueued as in a training, and waited for at the end.
func (t *Timed) StepSeconds(steps int) (mean float64, err error) {
	for _, b := range t.Batches {
		begin := time.Now()
		for i := range steps {
			if err := t.fit.trainBatch(b.batch, i == steps-1); err != nil {
				return 0, err
			}
		}
		mean += b.Share * time.Since(begin).Seconds() / float64(steps)
	}
	return mean, nil
}

// CollectSeconds returns the time of a batch in FDS's second pass, the mean of an epoch.
func (t *Timed) CollectSeconds() (mean float64, err error) {
	for _, b := range t.Batches {
		begin := time.Now()
		out, err := t.fit.call(t.fit.collect, b.measureTensors()...)
		if err != nil {
			return 0, err
		}
		_ = out[0].Value() // waits
		mean += b.Share * time.Since(begin).Seconds()
	}
	return mean, nil
}

// EndSeconds returns the time of the end of an epoch of FDS, the second one: the first compiles.
func (t *Timed) EndSeconds() (float64, error) {
	var begin time.Time
	for range 2 {
		begin = time.Now()
		if _, err := t.fit.call(t.fit.endEpoch); err != nil {
			return 0, err
		}
	}
	_, err := takeSnapshot(t.fit.store, keptVariable) // waits
	return time.Since(begin).Seconds(), err
}

// compileEpoch compiles the training step for the batches of an epoch: a small last one may have a length of its own,
// which would count as time of the device.
func (t *Timed) compileEpoch(size int) error {
	for b := range t.fit.train.batches(t.fit.ctx, t.fit.order(0, allRows(t.fit.train.rows)), size, 0, t.fit.copies()...) {
		if err := t.fit.compileStep(b); err != nil {
			return err
		}
	}
	return t.fit.ctx.Err()
}

// EpochOverhead runs the second of two epochs as a training does, and returns the share of its time, with its
// validation, in which the device was not waited for.
func (t *Timed) EpochOverhead(batch int) (share float64, err error) {
	for epoch := range 2 {
		t.fit.at = position{Epoch: epoch}
		if err := t.compileEpoch(batch); err != nil {
			return 0, err
		}
		t.fit.busy = 0
		begin := time.Now()
		if _, err := t.fit.runEpoch(); err != nil {
			return 0, err
		}
		share = max(0, 1-t.fit.busy.Seconds()/time.Since(begin).Seconds())
	}
	return share, nil
}

// CompileStep compiles the training step for the shapes of a batch, unless it is.
func (t *Timed) CompileStep(b TimedBatch) error { return t.fit.compileStep(b.batch) }
