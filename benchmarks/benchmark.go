// Package benchmarks declares the benchmarks of deep imbalanced regression: each is a dataset, an input, a network, a
// recipe and metrics, in a file of its own.
package benchmarks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// Benchmark is a task with its published protocol.
type Benchmark struct {
	Name     string // "agedb-dir"
	Title    string // "AgeDB-DIR"
	Dataset  string // default name of the prepared dataset; empty: the benchmark is general, every suite names its own
	Modality datasets.Modality
	// Metrics are the columns that the benchmark's papers print; Selection chooses the epoch on the validation split.
	Metrics   []metrics.Metric
	Selection metrics.Metric
	GMZero    metrics.ZeroPolicy
	// Scales are the preset recipes, which follow the paper: tiny, small, full.
	Scales map[string]func() task.Recipe
	// Release changes a preset to what the released code does wherever it differs from the paper.
	Release func(*task.Recipe)

	// TrainRows is the number of training rows of the official dataset, for plans without it.
	TrainRows int
	// TrainCounts are the training counts per bin that the released code contains, if it does; see Recipe.PublishedCounts.
	TrainCounts []int
	// Note is a remark that belongs under every table.
	Note string
}

// Traits returns what methods may ask of the benchmark at a scale.
func (b Benchmark) Traits(scale string) methods.Traits {
	full := b.Scales[FullScale]()
	t := methods.Traits{Benchmark: b.Name, Dense: b.Modality.Dense(), Augmented: full.Input().Traits().Augmented,
		Standardised: full.NetworkUnits, Share: 1}
	if preset, ok := b.Scales[scale]; ok {
		t.Share = float64(preset().Epochs) / float64(full.Epochs)
	}
	return t
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
func all() []Benchmark {
	return []Benchmark{imdbwiki(), agedb(), stsb(), nyud2(), shhs(), imageBenchmark(), textBenchmark(), signalBenchmark(),
		tableBenchmark()}
}

// General reports whether the benchmark is for any dataset of its modality.
func (b Benchmark) General() bool { return b.Dataset == "" }

// Names returns the names of all benchmarks.
func Names() []string { return names(func(Benchmark) bool { return true }) }

// Published returns the names of those that have a dataset of their own.
func Published() []string { return names(func(b Benchmark) bool { return !b.General() }) }

func names(chosen func(Benchmark) bool) (list []string) {
	for _, b := range all() {
		if chosen(b) {
			list = append(list, b.Name)
		}
	}
	return list
}

// ScaleNames are the scales in order of cost.
var ScaleNames = []string{"tiny", "small", FullScale}

// FullScale is the scale of the published recipes.
const FullScale = "full"

// Recipe returns the preset of a scale. Nothing else asks for the fidelity: from here on a run follows the recipe.
func (b Benchmark) Recipe(scale string, fidelity task.Fidelity) (task.Recipe, error) {
	preset, ok := b.Scales[scale]
	if !ok || !slices.Contains(ScaleNames, scale) {
		return task.Recipe{}, fmt.Errorf("scale %q: expected one of %s", scale, strings.Join(ScaleNames, ", "))
	}
	if !fidelity.Valid() {
		return task.Recipe{}, fmt.Errorf("semantics %q: expected %s or %s", fidelity, task.Paper, task.Official)
	}
	recipe := preset()
	if fidelity == task.Official {
		b.Release(&recipe)
	}
	return recipe, nil
}

// release is what the released code of every benchmark does other than the paper. (SHHS-DIR, whose code was never
// released, follows that of the ages.)
func release(r *task.Recipe) {
	r.TruncatedCounts, r.FrozenInTraining = true, true
	r.FDS.Statistics, r.FDS.Features, r.FDS.NewerStatistics = methods.StatisticsPass, methods.FeaturesCalibrated, true
	r.FDS.EndsByBatch = true
	if r.FDS.Empty == methods.EmptySkip {
		r.FDS.Empty = methods.EmptyLeak
	}
}
