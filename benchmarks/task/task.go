// Package task joins a dataset's inputs and a network into what can be trained. Each modality is a file: its section of the
// recipe, its loader and its batches.
package task

import (
	"math/rand/v2"
	"sync"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// LoadOptions are the inputs of Load that are not part of the recipe.
type LoadOptions struct {
	Embeddings string // file of word vectors in GloVe text format, plain or gzip
	Encoder    string // file of a pretrained ResNet-50 as PyTorch or safetensors writes it
	// Note, unless nil, is told in a line what a person may want to know, such as that decoded images cannot be kept on disk.
	// It may be called at any time, from any goroutine.
	Note func(string) `json:"-"`
}

// withNotesOnce returns the options with a Note that says nothing twice: what goes wrong for one split does for the others.
func (o LoadOptions) withNotesOnce() LoadOptions {
	if o.Note == nil {
		return o
	}
	var said sync.Map
	note := o.Note
	o.Note = func(text string) {
		if _, before := said.LoadOrStore(text, true); !before {
			note(text)
		}
	}
	return o
}

// InputError is what a Batch panics with whose inputs can no longer be read.
type InputError struct{ Err error }

func (e InputError) Error() string { return e.Err.Error() }
func (e InputError) Unwrap() error { return e.Err }

// Task is a loaded dataset together with its network: encoder → feature z → regressor.
type Task interface {
	// Split returns the rows of a split.
	Split(datasets.Split) *Rows
	// Batch returns the model inputs of the given rows and their labels in label units, one for each prediction of the
	// network. A nil source of randomness means no augmentation. It may be called from several goroutines.
	Batch(split datasets.Split, rows []int, random *rand.Rand) (inputs []*tensors.Tensor, labels []float32)
	// Encode builds the encoder, which regressor re-training freezes: inputs as Batch returns them, result z [n, Dim].
	Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node
	// Regress builds the regressor: z [n, Dim] to predictions [n] in network units.
	Regress(scope *model.Scope, z *graph.Node) *graph.Node
	Dim() int
}

// Reuser is a task with large batches: it can assemble one in memory used before.
type Reuser interface {
	Task
	// BatchIn is Batch with inputs of the given memory.
	BatchIn(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) (inputs []*tensors.Tensor, labels []float32)
}

// Bucketer is a task whose inputs have lengths, and whose batches are as long as the longest of their inputs.
type Bucketer interface {
	Task
	// Length returns the length of a row's input, which stands for what it costs.
	Length(split datasets.Split, row int) int
}

// DenseTask is a task with a label for every pixel: Batch returns the labels of whole maps, z is [n, height, width, Dim],
// and predictions are [n, height, width]. Its regressor begins before the feature z.
type DenseTask interface {
	Task
	// Feature builds the part of the regressor below z, from what Encode returns.
	Feature(scope *model.Scope, encoded *graph.Node, training bool) *graph.Node
	// Enlarge brings predictions to the size at which they are evaluated.
	Enlarge(predictions *graph.Node) *graph.Node
	// Points returns the pixels on which a split is evaluated, in the order of Pick.
	Points(datasets.Split) *Rows
	// Pick appends the predictions of the evaluated pixels of the given rows, from enlarged predictions.
	Pick(split datasets.Split, rows []int, predictions, into []float32) []float32
}

// Initialiser is a task that brings initial parameters of its encoder.
type Initialiser interface {
	// Initialise stores them under the encoder's scope before its first use.
	Initialise(encoder *model.Scope) error
}

// linearRegressor is the regressor of every task with one label a sample.
type linearRegressor struct{}

func (linearRegressor) Regress(scope *model.Scope, z *graph.Node) *graph.Node {
	return graph.Squeeze(models.Linear(scope, z, 1), -1)
}

// Rows holds what is known of each row of a split besides its input. Labels are missing where they are dense.
type Rows struct {
	IDs    []string
	Labels []float32
	// Subset lists the rows of the training split over which the benchmark measures features for FDS; nil: all.
	Subset []int
}

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
