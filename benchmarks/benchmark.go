// Package benchmarks joins a dataset, an encoder, a training recipe and metrics into the benchmarks of deep imbalanced
// regression. Each has a file of its own.
package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// Benchmark is a task with its published protocol.
type Benchmark struct {
	Name     string // "agedb-dir"
	Title    string // "AgeDB-DIR"
	Dataset  string // default name of the prepared dataset
	Modality datasets.Modality
	// Metrics are the columns that the benchmark's papers print; Selection chooses the epoch on the validation split.
	Metrics   []metrics.Metric
	Selection metrics.Metric
	GMZero    metrics.ZeroPolicy
	// Scales are the preset recipes: tiny, small, full.
	Scales map[string]func() Recipe
	// Load reads the dataset into memory in the form in which the model takes it.
	Load func(*datasets.Dataset, Recipe, LoadOptions) (Task, error)
}

// LoadOptions are the inputs of Load that are not part of the recipe.
type LoadOptions struct {
	Embeddings string // file of word vectors in GloVe text format, plain or gzip
}

// Task is a loaded dataset together with its encoder.
type Task interface {
	// Split returns the rows of a split.
	Split(datasets.Split) *Rows
	// Batch returns the model inputs of the given rows. A nil source of randomness means no augmentation.
	Batch(split datasets.Split, rows []int, random *rand.Rand) []*tensors.Tensor
	// Encode builds the encoder: inputs as Batch returns them, result z [n, Dim].
	Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node
	Dim() int
}

// Rows holds what is known of each row of a split besides its input.
type Rows struct {
	IDs    []string
	Labels []float32
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.Labels) }

// Lookup returns the benchmark of a name.
func Lookup(name string) (Benchmark, error) {
	for _, b := range all() {
		if b.Name == name {
			return b, nil
		}
	}
	return Benchmark{}, fmt.Errorf("benchmark %q: expected one of %s", name, strings.Join(Names(), ", "))
}

// all lists the benchmarks; a new one is a line here.
func all() []Benchmark { return []Benchmark{agedb(), stsb()} }

// Names returns the names of all benchmarks.
func Names() []string {
	var names []string
	for _, b := range all() {
		names = append(names, b.Name)
	}
	return names
}

// ScaleNames are the scales in order of cost.
var ScaleNames = []string{"tiny", "small", "full"}

// Recipe returns the preset of a scale.
func (b Benchmark) Recipe(scale string) (Recipe, error) {
	preset, ok := b.Scales[scale]
	if !ok || !slices.Contains(ScaleNames, scale) {
		return Recipe{}, fmt.Errorf("scale %q: expected one of %s", scale, strings.Join(ScaleNames, ", "))
	}
	return preset(), nil
}
