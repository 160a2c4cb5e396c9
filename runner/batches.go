package runner

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/datasets"
)

// batch is the input of one training step.
type batch struct {
	inputs               []*tensors.Tensor
	target, weight, bins *tensors.Tensor // [m], one for each prediction: network units, loss weight, label bin
}

// batches yields the training rows in the given order from a batch on; the last batch is smaller if need be. Batches to come are
// assembled meanwhile; each has a random stream of its own, nil for none, so that a pass can begin with any. It ends early when
// ctx does. A batch is valid until the loop goes on: its memory is used again.
func (s *trainSet) batches(ctx context.Context, order []int, size, first int, random func(batch int) *rand.Rand) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		assemble := func(i int) batch { return s.batch(order[i*size:min((i+1)*size, len(order))], random(i)) }
		for b := range inOrder(ctx, first, (len(order)+size-1)/size, assemble) {
			if !yield(b) {
				return
			}
			s.memory.Release(append(b.inputs, b.target, b.weight, b.bins)...)
		}
	}
}

func (s *trainSet) batch(rows []int, random *rand.Rand) batch {
	inputs, labels := batchIn(s.memory, s.task, datasets.Train, rows, random)
	b := batch{inputs: inputs,
		target: s.memory.Tensor(shapes.Make(dtypes.Float32, len(labels))),
		weight: s.memory.Tensor(shapes.Make(dtypes.Float32, len(labels))),
		bins:   s.memory.Tensor(shapes.Make(dtypes.Int32, len(labels))),
	}
	tensors.MustMutableFlatData(b.target, func(target []float32) {
		tensors.MustMutableFlatData(b.weight, func(weight []float32) {
			tensors.MustMutableFlatData(b.bins, func(bins []int32) { s.fill(target, weight, bins, labels) })
		})
	})
	return b
}

// fill writes what the loss needs for each label.
func (s *trainSet) fill(target, weight []float32, bins []int32, labels []float32) {
	for i, label := range labels {
		bin := s.space.Bin(label)
		target[i], weight[i], bins[i] = label/s.scale, s.weight[bin], int32(bin)
		if s.skipUnknown && label == 0 {
			weight[i], bins[i] = 0, -1 // FDS leaves it alone
		}
	}
}

// batchIn assembles a batch, in memory used before if the task can do that.
func batchIn(memory *benchmarks.Memory, task benchmarks.Task, split datasets.Split, rows []int, random *rand.Rand) (
	inputs []*tensors.Tensor, labels []float32,
) {
	if task, ok := task.(benchmarks.Reuser); ok {
		return task.BatchIn(memory, split, rows, random)
	}
	return task.Batch(split, rows, random)
}

func scalar(v float64) *tensors.Tensor { return tensors.FromScalar(float32(v)) }

// predictedAtOnce bounds the rows of a prediction, which takes memory and gains no speed beyond some.
const predictedAtOnce = 32

// predictSplit returns the predictions of a split in label units, in the order of its points. The last batch repeats its
// final row up to the full size, so that one compiled graph serves them all.
func (t *trainer) predictSplit(ctx context.Context, split datasets.Split) ([]float32, error) {
	total := t.task.Split(split).Len()
	size := min(t.run.Config.Recipe.BatchSize, predictedAtOnce, total)
	rowsOf := func(i int) []int {
		rows := make([]int, size)
		for j := range rows {
			rows[j] = min(i*size+j, total-1)
		}
		return rows
	}
	assemble := func(i int) []*tensors.Tensor {
		inputs, _ := batchIn(t.memory, t.task, split, rowsOf(i), nil)
		return inputs
	}
	var predictions []float32
	i := 0
	for inputs := range inOrder(ctx, 0, (total+size-1)/size, assemble) {
		out, err := t.call(t.predict, inputs...)
		if err != nil {
			return nil, err
		}
		rows := rowsOf(i)[:min(size, total-i*size)]
		predictions = t.pick(split, rows, tensors.MustCopyFlatData[float32](out[0]), predictions)
		t.memory.Release(inputs...)
		i++
	}
	return predictions, ctx.Err()
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
