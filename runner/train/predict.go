package train

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
)

// predictedAtOnce bounds the rows of a prediction, which takes memory and gains no speed beyond some.
const predictedAtOnce = 32

// predicted are the predictions of a split in label units, in the order of its points.
type predicted struct {
	values  []float32
	spreads []float32 // standard deviations; nil where the method does not know them
}

// predictSplit predicts a split. The last batch repeats its final row up to the full size, so that one compiled graph
// serves them all, or one for each length.
func (t *trainer) predictSplit(ctx context.Context, split datasets.Split) (predicted, error) {
	order := byLength(t.task, split)
	size := min(t.run.Config.Recipe.BatchSize, predictedAtOnce, len(order))
	rowsOf := func(i int) []int { return paddedRows(order, i, size) }
	assemble := func(i int) []*tensors.Tensor {
		inputs, _ := t.task.Batch(t.memory, split, rowsOf(i), nil)
		upload(t.backend, inputs...)
		return inputs
	}
	var p predicted
	i := 0
	for inputs := range inOrder(ctx, 0, (len(order)+size-1)/size, assemble) {
		out, err := t.call(t.predict, inputs...)
		if err != nil {
			return p, err
		}
		rows := rowsOf(i)[:min(size, len(order)-i*size)]
		p.values = t.task.Pick(split, rows, tensors.MustCopyFlatData[float32](out[0]), p.values)
		if len(out) > 1 {
			p.spreads = t.task.Pick(split, rows, tensors.MustCopyFlatData[float32](out[1]), p.spreads)
		}
		t.memory.Release(inputs...)
		i++
	}
	if err := ctx.Err(); err != nil || t.task.Dense() {
		return p, err
	}
	return predicted{inPlace(order, p.values), inPlace(order, p.spreads)}, nil
}

// inPlace puts values that stand in an order where their rows are; nil stays nil.
func inPlace(order []int, values []float32) []float32 {
	if values == nil {
		return nil
	}
	placed := make([]float32, len(order))
	for i, row := range order {
		placed[row] = values[i]
	}
	return placed
}

// paddedRows returns the ith batch of an order, the last of which repeats its final row up to the full size.
func paddedRows(order []int, i, size int) []int {
	rows := make([]int, size)
	for j := range rows {
		rows[j] = order[min(i*size+j, len(order)-1)]
	}
	return rows
}
