// Package task joins a dataset's inputs and a network into what can be trained. Each modality has a file: its section
// of the recipe, its loader and its batches.
package task

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// Task is a loaded dataset together with its network: encoder → feature z → regressor. A new one embeds [Base], which
// has what most tasks have in common, and adds Batch, Encode and Dim.
type Task interface {
	// Split returns the rows of a split.
	Split(datasets.Split) *Rows
	// Batch returns the model inputs of the given rows in tensors of the memory, and their labels in label units, one
	// for each prediction of the network. A nil memory makes new tensors; a nil source of randomness means no
	// augmentation. It may be called from several goroutines. It panics with [InputError] if the inputs can no longer
	// be read.
	Batch(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) (inputs []*tensors.Tensor, labels []float32)

	// Initialise stores initial parameters under the encoder's scope before its first use. Base: none.
	Initialise(encoder *model.Scope) error
	// Encode builds the encoder, which regressor re-training freezes: inputs as Batch returns them; result z [n, Dim],
	// or what Feature takes.
	Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node
	// Feature builds the part of the regressor below z. Base: nothing.
	Feature(scope *model.Scope, encoded *graph.Node, training bool) *graph.Node
	// Regress builds the regressor above z [n, Dim]: predictions [n] in network units. Base: a linear layer.
	Regress(scope *model.Scope, z *graph.Node) *graph.Node
	// Dim is the number of values of z.
	Dim() int

	// Dense reports whether there is a label for every pixel: Batch then returns the labels of whole maps, z is
	// [n, height, width, Dim], predictions are [n, height, width], and a label of 0 is unknown. Base: no.
	Dense() bool
	// Enlarge brings predictions to the size at which they are evaluated. Base: as they are.
	Enlarge(predictions *graph.Node) *graph.Node
	// Points returns what a split is evaluated on, in the order of Pick. Base: its rows.
	Points(datasets.Split) *Rows
	// Pick appends the predictions of the points of the given rows, from enlarged predictions, which may have more rows
	// at the end. Base: one a row.
	Pick(split datasets.Split, rows []int, predictions, into []float32) []float32

	// AtOnce returns how many rows a prediction of so many rows takes at once, by the size of training batches. Base: 32
	// at most, for more take memory and gain no speed where a row is much work.
	AtOnce(rows, batchSize int) int

	// Descriptor describes the input of a training row by a few numbers, of the order of 1 and as many for every row.
	// Rows of small Euclidean distance are neighbours. Base: no numbers.
	Descriptor(row int) []float32
	// Distance returns the squared distance between two training rows, in place of that of their descriptors. It may be
	// called from several goroutines. Base: nil.
	Distance() func(a, b int) float32
	// Mix returns the task with a resampled training split: the rows kept, then the synthetic ones. Both tasks may be
	// used. Base: an error, for there is no input between two inputs.
	Mix(methods.Resampled) (Task, error)
}

// Base is embedded in a task whose splits are of type R, a pointer to a struct that embeds [Rows].
type Base[R interface{ Known() *Rows }] struct {
	Splits map[datasets.Split]R
}

// Split returns the rows of a split.
func (b Base[R]) Split(split datasets.Split) *Rows { return b.Splits[split].Known() }

// Initialise stores nothing.
func (Base[R]) Initialise(*model.Scope) error { return nil }

// Feature returns what the encoder returns.
func (Base[R]) Feature(_ *model.Scope, encoded *graph.Node, _ bool) *graph.Node { return encoded }

// Regress builds a linear layer.
func (Base[R]) Regress(scope *model.Scope, z *graph.Node) *graph.Node {
	return graph.Squeeze(models.Linear(scope, z, 1), -1)
}

// Dense returns false.
func (Base[R]) Dense() bool { return false }

// Enlarge returns the predictions.
func (Base[R]) Enlarge(predictions *graph.Node) *graph.Node { return predictions }

// Points returns the rows of a split.
func (b Base[R]) Points(split datasets.Split) *Rows { return b.Split(split) }

// Pick appends one prediction for each row.
func (Base[R]) Pick(_ datasets.Split, rows []int, predictions, into []float32) []float32 {
	return append(into, predictions[:len(rows)]...)
}

// AtOnce returns at most 32.
func (Base[R]) AtOnce(rows, batchSize int) int { return min(rows, batchSize, 32) }

// Descriptor returns no numbers.
func (Base[R]) Descriptor(int) []float32 { return nil }

// Distance returns nil.
func (Base[R]) Distance() func(a, b int) float32 { return nil }

// Mix returns an error.
func (Base[R]) Mix(methods.Resampled) (Task, error) {
	return nil, fmt.Errorf("these inputs cannot be resampled: there is none between two of them")
}

// InputError is what a Batch panics with whose inputs can no longer be read.
type InputError struct{ Err error }

func (e InputError) Error() string { return e.Err.Error() }
func (e InputError) Unwrap() error { return e.Err }

// Rows holds what is known of each row of a split besides its input. Labels are missing where they are dense.
type Rows struct {
	IDs    []string
	Labels []float32
	// Lengths are those of the rows' inputs, which stand for what they cost, where a batch is as long as the longest of
	// its inputs; nil where all inputs have one size.
	Lengths []int
	// Subset lists the rows of the training split over which the benchmark measures features for FDS; nil: all.
	Subset []int
}

// Known returns the rows themselves, for [Base].
func (r *Rows) Known() *Rows { return r }

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.IDs) }

// labelsOf returns the labels of some rows.
func (r *Rows) labelsOf(rows []int) []float32 {
	labels := make([]float32, len(rows))
	for i, row := range rows {
		labels[i] = r.Labels[row]
	}
	return labels
}
