// Package benchmarks declares the benchmarks of deep imbalanced regression: each is a dataset, an input, a network, a recipe
// and metrics, in a file of its own.
package benchmarks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
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
	Scales map[string]func() task.Recipe
	// Load reads the dataset into memory in the form in which the model takes it.
	Load func(*datasets.Dataset, task.Recipe, task.LoadOptions) (task.Task, error)

	// TrainRows is the number of training rows of the official dataset, for plans without it.
	TrainRows int
	// TrainCounts are the training counts per bin that the released code contains, if it does; see Recipe.PublishedCounts.
	TrainCounts []int
	// Note is a remark that belongs under every table.
	Note string
}

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
func all() []Benchmark { return []Benchmark{imdbwiki(), agedb(), stsb(), nyud2(), shhs()} }

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
func (b Benchmark) Recipe(scale string) (task.Recipe, error) {
	preset, ok := b.Scales[scale]
	if !ok || !slices.Contains(ScaleNames, scale) {
		return task.Recipe{}, fmt.Errorf("scale %q: expected one of %s", scale, strings.Join(ScaleNames, ", "))
	}
	return preset(), nil
}
