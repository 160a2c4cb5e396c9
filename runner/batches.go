package runner

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
)

// batch is the input of one training step.
type batch struct {
	inputs               []*tensors.Tensor
	target, weight, bins *tensors.Tensor // [n]: network units, loss weight, label bin
}

// prefetched is how many batches are assembled ahead of the device.
const prefetched = 2

// batches yields the training rows in the given order; the last batch is smaller if need be. Batches are assembled by
// another goroutine, one after the other, so that their random numbers do not depend on timing. It ends early when ctx
// does. A panic while assembling reaches the caller's goroutine, where the runner recovers.
func (s *trainSet) batches(ctx context.Context, order []int, size int, random *rand.Rand) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		var failure any
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ready := make(chan batch, prefetched)
		go func() {
			defer close(ready)
			defer func() { failure = recover() }()
			for from := 0; from < len(order); from += size {
				select {
				case ready <- s.batch(order[from:min(from+size, len(order))], random):
				case <-ctx.Done():
					return
				}
			}
		}()
		for b := range ready {
			if ctx.Err() != nil || !yield(b) {
				return
			}
		}
		if failure != nil {
			panic(failure)
		}
	}
}

func (s *trainSet) batch(rows []int, random *rand.Rand) batch {
	target, weight, bins := make([]float32, len(rows)), make([]float32, len(rows)), make([]int32, len(rows))
	for i, row := range rows {
		bin := s.space.Bin(s.labels[row])
		target[i], weight[i], bins[i] = s.labels[row]/s.scale, s.weight[bin], int32(bin)
	}
	return batch{
		inputs: s.task.Batch(datasets.Train, rows, random),
		target: tensors.FromFlatDataAndDimensions(target, len(rows)),
		weight: tensors.FromFlatDataAndDimensions(weight, len(rows)),
		bins:   tensors.FromFlatDataAndDimensions(bins, len(rows)),
	}
}

func scalar(v float64) *tensors.Tensor { return tensors.FromScalar(float32(v)) }

// predictSplit returns the predictions of a split in label units, in row order. The last batch repeats its final row up
// to the full size, so that one compiled graph serves every split.
func (t *trainer) predictSplit(ctx context.Context, split datasets.Split) ([]float32, error) {
	total, size := t.task.Split(split).Len(), t.run.Config.Recipe.BatchSize
	predictions := make([]float32, 0, total+size)
	rows := make([]int, size)
	for from := 0; from < total; from += size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i] = min(from+i, total-1)
		}
		out, err := call(t.predict, t.task.Batch(split, rows, nil)...)
		if err != nil {
			return nil, err
		}
		predictions = append(predictions, out[0].Value().([]float32)...)
	}
	return predictions[:total], nil
}
