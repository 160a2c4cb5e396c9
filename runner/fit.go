package runner

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// fit is the state of a training loop.
type fit struct {
	*trainer
	ctx      context.Context
	observer Observer
	record   func(store.Event) error
	train    *trainSet
	random   map[string]uint64

	epoch, step int
	losses      lossMeter
	checks      []float64 // selection metric on the validation split, lower is better
	best        float64
	kept        snapshot
	began       time.Time // of the current event
}

// train trains to the end of the recipe and leaves the variables of the best check in the store.
func (t *trainer) train(ctx context.Context, observer Observer, record func(store.Event) error) error {
	set, err := newTrainSet(t.run, t.task)
	if err != nil {
		return err
	}
	f := &fit{trainer: t, ctx: ctx, observer: observer, record: record, train: set, random: t.run.Config.Seeds(),
		best: math.Inf(1), began: time.Now()}
	for f.epoch = range t.run.Epochs() {
		stop, err := f.runEpoch()
		if err != nil {
			return err
		}
		if stop {
			break
		}
	}
	if len(f.checks) == 0 { // training is shorter than CheckEvery
		if _, err := f.check(); err != nil {
			return err
		}
	}
	return f.kept.restore(t.store)
}

func (f *fit) runEpoch() (stop bool, err error) {
	recipe := f.run.Config.Recipe
	if stop, err = f.runSteps(); stop || err != nil {
		return stop, err
	}
	// The statistics of a first stage stay as they are, unless its feature is a part of what is trained again.
	if f.fds != nil && (f.run.First == nil || f.dense != nil) {
		if err := f.collectStatistics(); err != nil {
			return false, err
		}
	}
	if recipe.CheckEvery == 0 {
		return f.check()
	}
	return false, nil
}

// runSteps trains one epoch; with CheckEvery it also validates on the way.
func (f *fit) runSteps() (stop bool, err error) {
	recipe := f.run.Config.Recipe
	order := rand.New(rand.NewPCG(f.random[seedOrder], uint64(f.epoch))).Perm(f.train.rows)
	batches := f.train.batches(f.ctx, order, recipe.BatchSize, f.augmentation(0))
	total := (f.train.rows + recipe.BatchSize - 1) / recipe.BatchSize
	done := 0
	for batch := range batches {
		if err := f.trainBatch(batch, done+1 == total); err != nil {
			return false, err
		}
		f.step++
		done++
		f.observer.Step(f.epoch+1, f.run.Epochs(), done, total)
		if recipe.CheckEvery > 0 && f.step%recipe.CheckEvery == 0 {
			if stop, err := f.check(); stop || err != nil {
				return stop, err
			}
		}
	}
	return false, f.ctx.Err()
}

func (f *fit) trainBatch(b batch, last bool) error {
	inputs := append(b.inputs, b.target, b.weight, b.bins, scalar(f.rate()))
	out, err := call(f.trainer.step, inputs...)
	if err != nil {
		return err
	}
	f.losses.pending = append(f.losses.pending, stepLoss{out[0], b.weight.Shape().Dim(0), f.step == 0})
	if len(f.losses.pending) < lossInterval && !last {
		return nil
	}
	if err := f.losses.read(); err != nil {
		return fmt.Errorf("%w in epoch %d", err, f.epoch+1)
	}
	return nil
}

// rate is the learning rate of the current epoch.
func (f *fit) rate() float64 {
	rate := f.run.Config.Recipe.LR
	for _, drop := range f.run.Config.Recipe.LRDrops {
		if f.epoch >= drop {
			rate /= 10
		}
	}
	return rate
}

// augmentation is the random stream of one pass over the training set: 0 for training, 1 for FDS statistics.
func (f *fit) augmentation(pass uint64) *rand.Rand {
	return rand.New(rand.NewPCG(f.random[seedAugment]+pass, uint64(f.epoch)))
}

// collectStatistics is FDS's second pass over the training set, in training mode as in the original: over all rows with
// augmentation, or over the benchmark's subset without.
func (f *fit) collectStatistics() error {
	rows, augmentation := f.task.Split(datasets.Train).Subset, (*rand.Rand)(nil)
	if rows == nil {
		rows, augmentation = allRows(f.train.rows), f.augmentation(1)
	}
	order := rand.New(rand.NewPCG(f.random[seedOrder]+1, uint64(f.epoch))).Perm(len(rows))
	for i, at := range order {
		order[i] = rows[at]
	}
	for batch := range f.train.batches(f.ctx, order, f.run.Config.Recipe.BatchSize, augmentation) {
		if _, err := call(f.collect, append(batch.inputs, batch.bins)...); err != nil {
			return err
		}
	}
	if err := f.ctx.Err(); err != nil {
		return err
	}
	_, err := call(f.endEpoch)
	return err
}

func allRows(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}
