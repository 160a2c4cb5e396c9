package analysis

import (
	"cmp"
	"maps"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// By is what a breakdown groups samples by.
type By string

// The groupings: bins of the label space, exact labels, or genres (STS-B).
const (
	ByBin   By = "bin"
	ByLabel By = "label"
	ByGenre By = "genre"
)

// BreakdownOptions choose what Breakdowns computes.
type BreakdownOptions struct {
	By      By
	Width   int              // bins in a group of ByBin; at least 1
	Split   datasets.Split   // whose predictions
	Metrics []metrics.Metric // nil: those of the benchmark's papers
	// Genres returns the genre of each sample of a run's dataset by its id; for ByGenre only.
	Genres func(store.Run) (map[string]string, error)
}

// Breakdown holds the metrics of a table's methods by group of samples.
type Breakdown struct {
	Table     Table             `json:"-"`
	Title     string            `json:"title"`
	Benchmark string            `json:"benchmark"`
	By        By                `json:"by"`
	Split     datasets.Split    `json:"split"`
	Metrics   []metrics.Metric  `json:"metrics"`
	Groups    []Group           `json:"groups"`
	Methods   []MethodBreakdown `json:"methods"`
}

// Group is a part of the samples. Bins, Train and Regions are those of a group of bins.
type Group struct {
	Name    string            `json:"name"`
	N       int               `json:"n"`
	Train   int               `json:"train,omitempty"` // training samples or pixels
	Regions []datasets.Region `json:"regions,omitempty"`
	order   float64
}

// MethodBreakdown holds, for each metric, a row for each group with a value for each seed.
type MethodBreakdown struct {
	Method string                               `json:"method"`
	Config string                               `json:"config"`
	Seeds  []int64                              `json:"seeds"`
	Values map[metrics.Metric][][]metrics.Value `json:"values"`
}

// Breakdowns returns a breakdown for each table of [reports.Build] among the finished runs. Those that cannot be read are
// returned apart. The error names a damaged manifest.
func Breakdowns(runs []store.Run, opts BreakdownOptions) ([]Breakdown, []store.DamagedRun, error) {
	scores := map[string]map[groupKey]metrics.Scores{}
	tables, damaged, err := groupRuns(runs, func(r store.Run) (err error) {
		scores[r.Dir], err = scoreGroups(r, opts)
		return err
	})
	var list []Breakdown
	for _, t := range tables {
		list = append(list, newBreakdown(t, opts, scores))
	}
	return list, damaged, err
}

// newBreakdown puts the scores of a table's runs into the order of its groups.
func newBreakdown(t Table, opts BreakdownOptions, scores map[string]map[groupKey]metrics.Scores) Breakdown {
	m := t.Manifest()
	b := Breakdown{
		Table: t, Title: reports.Title(m), Benchmark: m.Benchmark, By: opts.By, Split: opts.Split, Metrics: opts.Metrics,
	}
	if b.Metrics == nil {
		b.Metrics = m.Metrics
	}
	found := map[groupKey]int{}
	for _, method := range t.Methods {
		for _, r := range method.Runs {
			for key, s := range scores[r.Dir] {
				found[key] = s.N
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(found), func(x, y groupKey) int {
		return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.Name, y.Name))
	})
	for _, key := range keys {
		b.Groups = append(b.Groups, opts.group(key, found[key], m.Dataset))
	}
	for _, method := range t.Methods {
		b.Methods = append(b.Methods, b.method(method, keys, scores))
	}
	return b
}

func (b Breakdown) method(m Method, keys []groupKey, scores map[string]map[groupKey]metrics.Scores) MethodBreakdown {
	result := MethodBreakdown{Method: m.Label, Config: m.Config, Seeds: m.Seeds(), Values: map[metrics.Metric][][]metrics.Value{}}
	for _, metric := range b.Metrics {
		for _, key := range keys {
			row := make([]metrics.Value, len(m.Runs))
			for i, r := range m.Runs {
				row[i] = metrics.Undefined()
				if v, ok := scores[r.Dir][key].Values[metric]; ok {
					row[i] = v
				}
			}
			result.Values[metric] = append(result.Values[metric], row)
		}
	}
	return result
}
