package train

import (
	"fmt"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
)

func (f *fit) trainBatch(b batch, last bool) error {
	out, err := f.call(f.trainer.step, b.stepTensors(f.rate())...)
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
func (f *fit) rate() float64 {
	rate := f.run.Config.Recipe.LR
	for _, drop := range f.run.Config.Recipe.LRDrops {
		if f.at.Epoch >= drop {
			rate /= 10
		}
	}
	return rate
}

// order is the order of a pass over some rows of the epoch: pass 0 for training, 1 for FDS statistics. It is a shuffled one, in
// which rows of similar length come together unless the recipe mixes them.
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

// augmentation returns the random streams of the batches of a pass.
func (f *fit) augmentation(pass uint64) func(batch int) *rand.Rand {
	epoch := uint64(f.at.Epoch) << 32
	return func(batch int) *rand.Rand {
		return rand.New(rand.NewPCG(f.random[plan.SeedAugment]+pass, epoch|uint64(batch)))
	}
}

// endStatistics ends an epoch of FDS, after a second pass unless the steps have measured the features.
func (f *fit) endStatistics() error {
	if !f.collects() {
		return nil
	}
	if !f.online() {
		if err := f.collectStatistics(); err != nil {
			return err
		}
	}
	_, err := f.call(f.endEpoch)
	return err
}

// collectStatistics is FDS's second pass over the training set, in training mode as in the original: over all rows with
// augmentation, or over the benchmark's subset without.
func (f *fit) collectStatistics() error {
	rows, augmentation := f.task.Split(datasets.Train).Subset, func(int) *rand.Rand { return nil }
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
