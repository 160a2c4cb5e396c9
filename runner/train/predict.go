package train

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// PredictOptions say what a finished run predicts.
type PredictOptions struct {
	Inputs *datasets.Dataset
	Split  datasets.Split
	// Data is the root of the prepared datasets: of text also the run's own must be there.
	Data       string
	Embeddings string // the word vectors that the run was trained with, if it was
	// Note is told in a line what a person may want to know, Progress how many rows are done; both may be nil.
	Note     func(string)
	Progress func(done, total int)
}

// Predicted are predictions in label units, one for each row, or for each evaluated pixel of a dense label.
type Predicted struct {
	IDs     []string
	Values  []float32
	Spreads []float32 // standard deviations; nil where the method does not know them
}

// Predict returns what the best checkpoint of a finished run predicts for a split of a dataset, whose inputs are read
// as in the run's training. The error is one line.
func Predict(ctx context.Context, backend compute.Backend, there store.Run, o PredictOptions) (Predicted, error) {
	load := task.LoadOptions{Embeddings: o.Embeddings, Splits: []datasets.Split{o.Split}}
	run, err := plan.ReopenFor(o.Inputs, there, o.Data, load)
	if err != nil {
		return Predicted{}, err
	}
	var p Predicted
	run.Method = run.Method.WithoutResampling()
	err = Recovered(func() error {
		loaded, err := LoadTask(ctx, run, noting{note: o.Note})
		if err != nil {
			return err
		}
		trainer, kept, err := openTrained(backend, run, loaded)
		if err != nil {
			return err
		}
		defer trainer.close()
		trainer.progress = o.Progress
		out, err := trainer.predictSplit(ctx, o.Split)
		if err != nil {
			return err
		}
		p = Predicted{loaded.Points(o.Split).IDs, out.values, out.spreads}
		return kept.checkComplete(trainer.store)
	})
	if ctx.Err() != nil {
		return Predicted{}, ctx.Err()
	}
	if err != nil { // a panic of the backend brings its stack
		return Predicted{}, fmt.Errorf("%s: %s", there.Dir, store.FirstLine(err))
	}
	return p, nil
}

// openTrained returns a trainer with the run's best checkpoint, and the checkpoint.
func openTrained(backend compute.Backend, run *plan.Run, loaded task.Task) (*trainer, snapshot, error) {
	t, err := newTrainer(backend, run, loaded)
	if err != nil {
		return nil, nil, err
	}
	kept, err := readSnapshot(filepath.Join(run.Dir, store.CheckpointDir))
	if err == nil {
		err = kept.restore(t.store)
	}
	if err != nil {
		t.close()
		return nil, nil, err
	}
	return t, kept, nil
}

// predicted are the predictions of a split in label units, in the order of its points.
type predicted struct {
	values  []float32
	spreads []float32 // standard deviations; nil where the method does not know them
}

// predictSplit predicts a split. The last batch repeats its final row up to the full size, so that one compiled graph
// serves them all, or one for each length.
func (t *trainer) predictSplit(ctx context.Context, split datasets.Split) (predicted, error) {
	order := byLength(t.task, split)
	size := t.task.AtOnce(len(order), t.run.Config.Recipe.BatchSize)
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
		if t.progress != nil {
			t.progress(min(i*size, len(order)), len(order))
		}
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
