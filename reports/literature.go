package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/published"
)

// Literature is what is published on a benchmark of the report, and whether it may stand beside the measured results.
// Results of different protocols never share a table.
type Literature struct {
	Benchmark string         `json:"benchmark"`
	Beside    []Beside       `json:"beside"` // one for each table of the benchmark
	Rows      []PublishedRow `json:"rows"`
}

// Beside says of a table of the report why published results are not comparable with it; without obstacles, those of
// the official protocol are.
type Beside struct {
	Table     int      `json:"table"` // index of the report's table
	Obstacles []string `json:"obstacles"`
	// LeftOut are rows of the table that were trained by another recipe than the scale's own.
	LeftOut []string `json:"left_out"`
}

// PublishedRow is a row of the literature.
type PublishedRow struct {
	Method   string   `json:"method"` // in this program's notation where it has the method, else as printed
	Printed  string   `json:"printed,omitempty"`
	Variant  string   `json:"variant,omitempty"` // of the test set, if it is not the benchmark's own
	Source   string   `json:"source"`
	Tier     string   `json:"tier"`     // primary, rerun, requoted or secondary
	Protocol string   `json:"protocol"` // official, or in what it differs
	Notes    []string `json:"notes,omitempty"`
	// Columns are what figures stand for, where it is not all, many, medium and few.
	Columns  []string          `json:"columns,omitempty"`
	Figures  []PublishedFigure `json:"figures"`
	comments string            // of the source
}

// PublishedFigure is a row's figures by one metric.
type PublishedFigure struct {
	Metric   metrics.Metric    `json:"metric"`
	Values   published.Figures `json:"values"` // all, many, medium, few; null where none was printed or seen
	Decimals int               `json:"decimals"`
	// Identity says whether All follows from its regions: "holds", "fails", or "" if it cannot be checked; Pooled is
	// what they give.
	Identity string        `json:"identity,omitempty"`
	Pooled   metrics.Value `json:"pooled"`
}

// literature gathers the results for all benchmarks of the tables, by all metrics or by those that are wanted.
func literature(tables []Table, wanted []metrics.Metric) ([]Literature, error) {
	all, err := published.All()
	if err != nil {
		return nil, err
	}
	list := []Literature{}
	for i, t := range tables {
		at := slices.IndexFunc(list, func(l Literature) bool { return l.Benchmark == t.Benchmark })
		own := slices.IndexFunc(all, func(b published.Benchmark) bool { return b.Name == t.Benchmark && b.Variant == "" })
		if own < 0 {
			continue
		}
		if at < 0 {
			at = len(list)
			list = append(list, Literature{Benchmark: t.Benchmark, Rows: publishedRows(all, t.Benchmark, wanted)})
		}
		list[at].Beside = append(list[at].Beside, beside(i, t, all[own]))
	}
	return list, nil
}

// freeFields are those of a recipe that the official protocol leaves to a suite: the shards of its devices, and the
// rule that chooses the epoch, which a table names.
var freeFields = []string{"bn_shards", "selection"}

func beside(index int, t Table, b published.Benchmark) Beside {
	result := Beside{Table: index, LeftOut: []string{}}
	result.Obstacles = append([]string{}, b.Obstacles(published.Measured{RowKey: t.RowKey, Split: t.Split,
		Samples: t.samples()})...)
	for _, r := range t.Rows {
		if changed := r.changed(); len(changed) > 0 {
			result.LeftOut = append(result.LeftOut, r.Label+": recipe changed ("+strings.Join(changed, ", ")+")")
		}
	}
	if len(result.Obstacles) == 0 && len(result.LeftOut) == len(t.Rows) {
		result.Obstacles = append(result.Obstacles, "no row was trained by the official recipe")
	}
	return result
}

// changed returns the fields of the recipe that make a row another protocol.
func (r Row) changed() []string {
	return slices.DeleteFunc(slices.Clone(r.Overridden),
		func(field string) bool { return slices.Contains(freeFields, field) })
}

// samples returns the sizes of the table's regions.
func (t Table) samples() metrics.Sizes {
	sizes := metrics.Sizes{}
	for _, c := range t.Columns {
		sizes[c.Region] = c.Samples
	}
	return sizes
}

func publishedRows(all []published.Benchmark, name string, wanted []metrics.Metric) (rows []PublishedRow) {
	for _, b := range all {
		if b.Name != name {
			continue
		}
		for _, s := range b.Sources {
			for _, r := range s.Rows {
				figures := publishedFigures(b, s, r, wanted)
				if len(figures) == 0 {
					continue
				}
				row := PublishedRow{Method: r.Method, Printed: r.Printed, Variant: b.Variant, Source: s.Source, Tier: s.Tier,
					Protocol: r.Protocol, Columns: b.Columns, comments: s.Note, Figures: figures}
				if r.Note != "" {
					row.Notes = []string{r.Note}
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

func publishedFigures(b published.Benchmark, s published.Source, r published.Row, wanted []metrics.Metric) (
	list []PublishedFigure) {
	for _, m := range metrics.Known {
		values, ok := r.Scores[string(m)]
		if !ok || len(wanted) > 0 && !slices.Contains(wanted, m) {
			continue
		}
		figure := PublishedFigure{Metric: m, Values: values, Decimals: s.Decimals(m), Pooled: metrics.Undefined()}
		if identity := b.Identity(m, values, figure.Decimals); identity.Checked {
			figure.Identity, figure.Pooled = "fails", metrics.Value(identity.Pooled)
			if identity.Holds {
				figure.Identity = "holds"
			}
		}
		list = append(list, figure)
	}
	return list
}

// identity sums up the row identity of all figures: "holds", "fails: MAE All 7.64, regions give 7.69", or —.
func (r PublishedRow) identity(shown []metrics.Metric) string {
	text := undefinedText
	var failures []string
	for _, f := range r.Figures {
		switch {
		case !slices.Contains(shown, f.Metric):
		case f.Identity == "holds":
			text = "holds"
		case f.Identity == "fails":
			failures = append(failures, fmt.Sprintf("%s All %.*f, regions give %s", f.Metric.Label(), f.Decimals, *f.Values[0],
				format(f.Pooled, f.Decimals)))
		}
	}
	if len(failures) > 0 {
		return "fails: " + strings.Join(failures, "; ")
	}
	return text
}
