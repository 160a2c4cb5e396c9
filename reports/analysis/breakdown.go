package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

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

// Breakdowns returns a breakdown for each table of [reports.Build] among the finished runs. Those that cannot be read
// are returned apart. The error names a damaged manifest.
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
	result := MethodBreakdown{Method: m.Label, Config: m.Config, Seeds: m.Seeds(),
		Values: map[metrics.Metric][][]metrics.Value{}}
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

// groupKey is what the samples of a group have in common: the first of its bins, the label, or the genre.
type groupKey struct {
	Number float32
	Name   string
}

// scoreGroups computes the metrics of every group of a run.
func scoreGroups(r store.Run, opts BreakdownOptions) (map[groupKey]metrics.Scores, error) {
	keyOf, err := opts.key(r)
	if err = cmp.Or(err, checkCounts(r)); err != nil {
		return nil, err
	}
	path, space := filepath.Join(r.Dir, store.PredictionsFile), r.Manifest.Dataset.LabelSpace
	groups, row := map[groupKey]*store.Columns{}, 0
	for p, err := range store.ReadPredictions(path) {
		if err != nil {
			return nil, err
		}
		row++
		if p.Split != opts.Split {
			continue
		}
		if p.Bin < 0 || int(p.Bin) >= space.Bins {
			return nil, fmt.Errorf("%s: row %d: bin %d: expected 0 to %d", path, row, p.Bin, space.Bins-1)
		}
		key, err := keyOf(p)
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, row, err)
		}
		if groups[key] == nil {
			groups[key] = &store.Columns{}
		}
		groups[key].Add(p)
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("%s: no predictions of split %s", path, opts.Split)
	}
	scores := map[groupKey]metrics.Scores{}
	for key, group := range groups {
		scores[key] = scoreGroup(group, r.Manifest)
	}
	return scores, nil
}

func scoreGroup(c *store.Columns, m store.Manifest) metrics.Scores {
	if m.Dataset.Dense() {
		return metrics.ScoreDepth(c.Labels, c.Preds, c.Bins)
	}
	return metrics.Score(c.Labels, c.Preds, c.Bins, c.Options(m))
}

// key returns the function that groups the predictions of a run.
func (o BreakdownOptions) key(r store.Run) (func(store.Prediction) (groupKey, error), error) {
	switch o.By {
	case ByLabel:
		return func(p store.Prediction) (groupKey, error) { return groupKey{Number: p.Label}, nil }, nil
	case ByGenre:
		genres, err := o.Genres(r)
		return func(p store.Prediction) (groupKey, error) {
			genre, ok := genres[p.ID]
			if !ok {
				return groupKey{}, fmt.Errorf("sample %q has no genre in the dataset", p.ID)
			}
			return groupKey{Name: genre}, nil
		}, err
	}
	return func(p store.Prediction) (groupKey, error) {
		return groupKey{Number: float32(int(p.Bin) / o.Width * o.Width)}, nil
	}, nil
}

// group names the group of a key.
func (o BreakdownOptions) group(key groupKey, n int, d store.Dataset) Group {
	switch o.By {
	case ByLabel:
		return Group{Name: strconv.FormatFloat(float64(key.Number), 'g', -1, 32), N: n, order: float64(key.Number)}
	case ByGenre:
		return Group{Name: key.Name, N: n}
	}
	first := int(key.Number)
	last := min(first+o.Width, d.LabelSpace.Bins) - 1
	g := Group{Name: labelRange(d.LabelSpace, first, last), N: n, order: float64(first)}
	regions := d.Shots.Regions(d.TrainCounts)
	for bin := first; bin <= last; bin++ {
		g.Train += d.TrainCounts[bin]
		if !slices.Contains(g.Regions, regions[bin]) {
			g.Regions = append(g.Regions, regions[bin])
		}
	}
	return g
}

// groupHeaders head the column of group names.
var groupHeaders = map[By]string{ByBin: "Labels", ByLabel: "Label", ByGenre: "Genre"}

// Sheets lays out one sheet for each metric: groups are rows, methods columns, the best one of a row bold.
func (b Breakdown) Sheets() []reports.Sheet {
	var sheets []reports.Sheet
	for _, m := range b.Metrics {
		sheets = append(sheets, b.sheet(m))
	}
	return sheets
}

func (b Breakdown) sheet(metric metrics.Metric) reports.Sheet {
	m := b.Table.Manifest()
	sheet := reports.Sheet{
		Title: fmt.Sprintf("%s: %s by %s", b.Title, metric.Label(), b.By),
		Caption: append(b.Table.caption(),
			fmt.Sprintf("%s%s of the %s split: mean ± standard deviation (ddof 1) over seeds; n counts %s.",
				metric.Label(), UnitText(m.Dataset.LabelSpace, metric), b.Split, counted(m)),
			"Seeds: "+b.seeds()+"."),
		Columns: []reports.SheetColumn{{Header: groupHeaders[b.By]}},
		Notes:   b.Table.notes(),
	}
	if b.By == ByBin {
		sheet.Columns = append(append(sheet.Columns, reports.SheetColumn{Header: "Shots"}), numbers("Train")...)
	}
	sheet.Columns = append(sheet.Columns, numbers("n")...)
	for _, method := range b.Methods {
		sheet.Columns = append(sheet.Columns, numbers(method.Method+" "+metric.Arrow())...)
	}
	precision := metric.Decimals(m.Dataset.LabelSpace)
	for i, g := range b.Groups {
		sheet.Rows = append(sheet.Rows, append(b.groupCells(g), b.values(i, metric, precision)...))
	}
	return sheet
}

// seeds says how many seeds each method has: "vanilla 5, lds 4".
func (b Breakdown) seeds() string {
	var parts []string
	for _, m := range b.Methods {
		parts = append(parts, fmt.Sprintf("%s %d", m.Method, len(m.Seeds)))
	}
	return strings.Join(parts, ", ")
}

// groupCells are the columns before the methods.
func (b Breakdown) groupCells(g Group) []reports.SheetCell {
	name := reports.Number(g.Name, g.order)
	switch b.By {
	case ByGenre:
		return []reports.SheetCell{reports.Text(g.Name), integer(g.N)}
	case ByBin:
		return []reports.SheetCell{name, reports.Text(g.shots()), integer(g.Train), integer(g.N)}
	}
	return []reports.SheetCell{name, integer(g.N)}
}

// shots lists the shot regions of a group's bins: "many, medium".
func (g Group) shots() string {
	names := make([]string, len(g.Regions))
	for i, r := range g.Regions {
		names[i] = r.String()
	}
	return strings.Join(names, ", ")
}

// values are a group's cells of the methods.
func (b Breakdown) values(group int, metric metrics.Metric, precision int) []reports.SheetCell {
	cells := make([]reports.SheetCell, len(b.Methods))
	best, n := 0, 0
	for i, method := range b.Methods {
		cells[i] = summary(method.Values[metric][group], precision)
		if cells[i].Value == nil {
			continue
		}
		if n++; n == 1 || metric.Better(*cells[i].Value, *cells[best].Value) {
			best = i
		}
	}
	for i, c := range cells {
		cells[i].Bold = n > 1 && c.Value != nil && printedMean(c) == printedMean(cells[best])
	}
	return cells
}

func printedMean(c reports.SheetCell) string {
	mean, _, _ := strings.Cut(c.Text, " ")
	return mean
}
