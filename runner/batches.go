package runner

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
)

// batch is the input of one training step.
type batch struct {
	inputs               []*tensors.Tensor
	target, weight, bins *tensors.Tensor // [m], one for each prediction: network units, loss weight, label bin
}

// prefetched is how many batches are assembled ahead of the device.
const prefetched = 2

// batches yields the training rows in the given order from a batch on; the last batch is smaller if need be. Batches are
// assembled by another goroutine; each has a random stream of its own, nil for none, so that a pass can begin with any. It
// ends early when ctx does. A panic while assembling reaches the caller's goroutine, where the runner recovers.
func (s *trainSet) batches(ctx context.Context, order []int, size, first int, random func(batch int) *rand.Rand) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		var failure any
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		ready := make(chan batch, prefetched)
		go func() {
			defer close(ready)
			defer func() { failure = recover() }()
			for i := first; i*size < len(order); i++ {
				select {
				case ready <- s.batch(order[i*size:min((i+1)*size, len(order))], random(i)):
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
	inputs, labels := s.task.Batch(datasets.Train, rows, random)
	target, weight, bins := make([]float32, len(labels)), make([]float32, len(labels)), make([]int32, len(labels))
	for i, label := range labels {
		bin := s.space.Bin(label)
		target[i], weight[i], bins[i] = label/s.scale, s.weight[bin], int32(bin)
		if s.skipUnknown && label == 0 {
			weight[i], bins[i] = 0, -1 // FDS leaves it alone
		}
	}
	return batch{
		inputs: inputs,
		target: tensors.FromFlatDataAndDimensions(target, len(labels)),
		weight: tensors.FromFlatDataAndDimensions(weight, len(labels)),
		bins:   tensors.FromFlatDataAndDimensions(bins, len(labels)),
	}
}

func scalar(v float64) *tensors.Tensor { return tensors.FromScalar(float32(v)) }

// predictedAtOnce bounds the rows of a prediction, which takes memory and gains no speed beyond some.
const predictedAtOnce = 32

// predictSplit returns the predictions of a split in label units, in the order of its points. The last batch repeats its
// final row up to the full size, so that one compiled graph serves them all.
func (t *trainer) predictSplit(ctx context.Context, split datasets.Split) ([]float32, error) {
	total := t.task.Split(split).Len()
	size := min(t.run.Config.Recipe.BatchSize, predictedAtOnce, total)
	var predictions []float32
	rows := make([]int, size)
	for from := 0; from < total; from += size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i] = min(from+i, total-1)
		}
		inputs, _ := t.task.Batch(split, rows, nil)
		out, err := call(t.predict, inputs...)
		if err != nil {
			return nil, err
		}
		predictions = t.pick(split, rows[:min(size, total-from)], tensors.MustCopyFlatData[float32](out[0]), predictions)
	}
	return predictions, nil
}

// pick appends what is evaluated of the predictions of some rows.
func (t *trainer) pick(split datasets.Split, rows []int, predictions, into []float32) []float32 {
	if t.dense != nil {
		return t.dense.Pick(split, rows, predictions, into)
	}
	return append(into, predictions[:len(rows)]...)
}

// points returns what a split is evaluated on: its rows, or the pixels of their maps.
func (t *trainer) points(split datasets.Split) *benchmarks.Rows {
	if t.dense != nil {
		return t.dense.Points(split)
	}
	return t.task.Split(split)
}
