package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// The passes of an epoch, in their order.
const (
	passTrain   = iota // training steps
	passCollect        // FDS's statistics
	passCheck          // validation
)

// position is where a training loop stands: between two batches of a pass. Orders and random streams follow from it, so
// it is all that a loop needs to go on beside its variables.
type position struct {
	Epoch   int `json:"epoch"`   // from 0
	Pass    int `json:"pass"`    // passTrain, passCollect or passCheck
	Batch   int `json:"batch"`   // batches done in the pass
	Step    int `json:"step"`    // training steps done in all epochs
	Checked int `json:"checked"` // Step of the last validation
}

// fit is the state of a training loop.
type fit struct {
	*trainer
	ctx    context.Context
	record *Record
	train  *trainSet
	random map[string]uint64

	at position
	// constant are the learning rate and the progress, as inputs of the steps of epoch constantIn.
	constant   []*tensors.Tensor
	constantIn int
	losses     lossMeter
	checks     []float64 // selection metric on the validation split, lower is better
	best       float64
	kept       snapshot
	began      time.Time // of the current event
	// compiledBefore is the time that compiling took before the current event.
	compiledBefore time.Duration
	saves          *saver
}

// train trains to the end of the recipe, from where the checkpoint left off if there is one, and leaves the variables
// of the best check in the store. A training that ctx ends saves a checkpoint first.
func (t *trainer) train(ctx context.Context, record *Record, saves *saver, from *checkpointState) error {
	set, err := t.prepare()
	if err != nil {
		return err
	}
	f := &fit{trainer: t, ctx: ctx, record: record, train: set, random: t.run.Config.Seeds(),
		best: math.Inf(1), began: time.Now(), saves: saves}
	if from != nil {
		if err := f.resume(from); err != nil {
			return err
		}
	}
	err = f.loop()
	if stopped(err) && !errors.Is(context.Cause(ctx), store.ErrClaimLost) && f.at != (position{}) {
		if unsaved := f.save(); unsaved != nil {
			return UnsavedError{err, unsaved}
		}
	}
	if err != nil {
		return err
	}
	return f.kept.restore(t.store)
}

func (f *fit) loop() error {
	for f.at.Epoch < f.run.Epochs() {
		stop, err := f.runEpoch()
		if err != nil {
			return err
		}
		if stop {
			break
		}
		f.at = position{Epoch: f.at.Epoch + 1, Step: f.at.Step, Checked: f.at.Checked}
		if err := f.saveIfDue(); err != nil {
			return err
		}
	}
	if f.unchecked() {
		_, err := f.check()
		return err
	}
	return nil
}

// unchecked reports whether the training ends between two checks although the parameters that it keeps are its last
// ones, or has had no check because it is shorter than CheckEvery.
func (f *fit) unchecked() bool {
	return len(f.checks) == 0 || f.run.Method.Stage().KeepLast && f.at.Checked < f.at.Step
}

// runEpoch runs what is left of the epoch's passes.
func (f *fit) runEpoch() (stop bool, err error) {
	if f.at.Pass == passTrain {
		if stop, err = f.runSteps(); stop || err != nil {
			return stop, err
		}
		f.at.Pass, f.at.Batch = passCollect, 0
	}
	if f.at.Pass == passCollect {
		if err := f.endStatistics(); err != nil {
			return false, err
		}
		f.at.Pass, f.at.Batch = passCheck, 0
	}
	if f.run.Config.Recipe.CheckEvery > 0 {
		return false, nil
	}
	return f.check()
}

// runSteps trains the rest of an epoch; with CheckEvery it also validates on the way.
func (f *fit) runSteps() (stop bool, err error) {
	size := f.run.Config.Recipe.BatchSize
	total := (f.train.rows + size - 1) / size
	if stop, err := f.checkIfDue(); stop || err != nil { // the loop may have stopped in front of it
		return stop, err
	}
	for batch := range f.train.batches(f.ctx, f.order(0, allRows(f.train.rows)), size, f.at.Batch, f.copies()...) {
		if err := f.trainBatch(batch, f.at.Batch+1 == total); err != nil {
			return false, err
		}
		f.at.Step++
		f.at.Batch++
		f.record.Step(f.at.Epoch+1, f.run.Epochs(), f.at.Batch, total)
		if stop, err := f.checkIfDue(); stop || err != nil {
			return stop, err
		}
		if err := f.saveIfDue(); err != nil {
			return false, err
		}
	}
	return false, f.ctx.Err()
}

// checkIfDue validates after every CheckEvery steps.
func (f *fit) checkIfDue() (stop bool, err error) {
	every := f.run.Config.Recipe.CheckEvery
	if every == 0 || f.at.Step%every != 0 || f.at.Step == f.at.Checked {
		return false, nil
	}
	return f.check()
}

func (f *fit) trainBatch(b batch, last bool) error {
	if len(f.constant) == 0 || f.constantIn != f.at.Epoch {
		f.constant, f.constantIn = []*tensors.Tensor{scalar(f.rate()), scalar(float64(f.at.Epoch) / float64(f.run.Epochs()))},
			f.at.Epoch
	}
	out, err := f.call(f.trainer.step, append(b.all(), f.constant...)...)
	if err != nil {
		return err
	}
	f.losses.pending = append(f.losses.pending, stepLoss{out[0], b.weight.Shape().Dim(0), f.at.Step == 0})
	if len(f.losses.pending) < lossInterval && !last {
		return nil
	}
	if err := f.readLosses(); err != nil {
		return fmt.Errorf("%w in epoch %d", err, f.at.Epoch+1)
	}
	return nil
}

// readLosses waits for the losses of the steps that are on their way.
func (f *fit) readLosses() error {
	defer f.waiting()()
	return f.losses.read()
}

// rate is the learning rate of the current epoch.
func (f *fit) rate() float64 { return f.run.Config.Recipe.Rate(f.at.Epoch, f.run.Epochs()) }

// order is the order of a pass over some rows of the epoch: pass 0 for training, 1 for FDS statistics. It is a shuffled
// one, in which rows of similar length come together unless the recipe mixes them.
func (f *fit) order(pass uint64, rows []int) []int {
	random := rand.New(rand.NewPCG(f.random[plan.SeedOrder]+pass, uint64(f.at.Epoch)))
	order := make([]int, len(rows))
	for i, at := range random.Perm(len(rows)) {
		order[i] = rows[at]
	}
	if lengths := f.task.Split(datasets.Train).Lengths; lengths != nil && !f.run.Config.Recipe.MixedLengths {
		bucket(order, f.run.Config.Recipe.BatchSize, lengths, random)
	}
	return order
}

// copies returns the random streams of the copies of rows that a training step reads. That of the first is pass 0 of
// [fit.augmentation], which every method has; pass 1 measures features, and those of further copies follow.
func (f *fit) copies() []stream {
	streams := []stream{f.augmentation(0)}
	all, _ := f.run.Method.Copies(f.run.First != nil)
	for pass := 2; pass <= all; pass++ {
		streams = append(streams, f.augmentation(uint64(pass)))
	}
	return streams
}

// augmentation returns the random streams of the batches of a pass.
func (f *fit) augmentation(pass uint64) stream {
	epoch := uint64(f.at.Epoch) << 32
	return func(batch int) *rand.Rand {
		return rand.New(rand.NewPCG(f.random[plan.SeedAugment]+pass, epoch|uint64(batch)))
	}
}

// endStatistics ends an epoch of FDS, after a second pass unless the steps have measured the features, and of methods.
func (f *fit) endStatistics() error {
	if f.collects() && !f.online() {
		if err := f.collectStatistics(); err != nil {
			return err
		}
	}
	if !f.collects() && !f.run.Method.Hooks(f.run.First != nil).EndsEpochs() {
		return nil
	}
	_, err := f.call(f.endEpoch)
	return err
}

// collectStatistics is FDS's second pass over the training set, in training mode as in the original: over all rows with
// augmentation, or over the benchmark's subset without.
func (f *fit) collectStatistics() error {
	rows, augmentation := f.task.Split(datasets.Train).Subset, stream(func(int) *rand.Rand { return nil })
	if rows == nil {
		rows, augmentation = allRows(f.train.rows), f.augmentation(1)
	}
	for batch := range f.train.batches(f.ctx, f.order(1, rows), f.run.Config.Recipe.BatchSize, f.at.Batch, augmentation) {
		if _, err := f.call(f.collect, batch.measureTensors()...); err != nil {
			return err
		}
		f.at.Batch++
		if err := f.saveIfDue(); err != nil {
			return err
		}
	}
	return f.ctx.Err()
}

func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}
