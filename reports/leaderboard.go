package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/published"
	"github.com/dirbench/dirbench/runner/store"
)

// Leaderboard holds all rows of a benchmark, measured and published, by protocol: rows of different protocols are never
// ranked together.
type Leaderboard struct {
	Benchmark string
	Columns   []SheetColumn // method, n, a column for each metric and region, source
	Protocols []ProtocolRows
	Sources   []string // numbered from 1
}

// ProtocolRows are the rows of one protocol, the best values of a column bold if there are several.
type ProtocolRows struct {
	Protocol string
	Rows     []LeaderboardRow
}

// LeaderboardRow is a method's row. Its cells are those of the columns.
type LeaderboardRow struct {
	Cells  []SheetCell
	Source string // in full, for filters
	values []metrics.Value
}

// Leaderboards returns those of the benchmarks on which something is published, if the report was asked for that. Rows
// of test sets whose figures stand for other things than regions are in the published tables only.
func (r Report) Leaderboards() (list []Leaderboard) {
	for _, l := range r.Published {
		list = append(list, l.leaderboard(r.Tables))
	}
	return list
}

func (l Literature) leaderboard(tables []Table) Leaderboard {
	rows := l.rows(func(r PublishedRow) bool { return r.Columns == nil })
	b := leaderboardBuilder{Leaderboard: Leaderboard{Benchmark: l.Benchmark}, metrics: shownMetrics(rows)}
	for _, beside := range l.Beside {
		for _, c := range tables[beside.Table].Columns {
			if c.Region == metrics.All && !slices.Contains(b.metrics, c.Metric) {
				b.metrics = append(b.metrics, c.Metric)
			}
		}
	}
	b.Columns = []SheetColumn{{Header: "Method"}, {Header: "n", Number: true}}
	for _, m := range b.metrics {
		for _, region := range metrics.Regions {
			b.Columns = append(b.Columns, SheetColumn{m.Label() + " " + titleCase(region.String()) + " " + m.Arrow(), true})
		}
	}
	b.Columns = append(b.Columns, SheetColumn{Header: "Source"})
	for _, beside := range l.Beside {
		t := tables[beside.Table]
		for _, row := range t.Rows {
			if row.N > 0 {
				b.measured(t, row, len(beside.Obstacles) == 0)
			}
		}
	}
	for _, row := range rows {
		b.published(row)
	}
	official := func(p ProtocolRows) int {
		if p.Protocol == published.Official {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(b.Protocols, func(a, b ProtocolRows) int { return official(a) - official(b) })
	for _, p := range b.Protocols {
		b.markBest(p.Rows)
	}
	return b.Leaderboard
}

type leaderboardBuilder struct {
	Leaderboard
	metrics []metrics.Metric
}

// measured adds a row of a table of this report.
func (b *leaderboardBuilder) measured(t Table, r Row, comparable bool) {
	protocol := published.Official
	if changed := r.changed(); !comparable || len(changed) > 0 {
		protocol = strings.TrimSuffix(ProtocolLine(r.Runs[0].Manifest), ".")
		if text := t.Selection.String(); text != "" {
			protocol += ", " + text
		}
		if t.Twin {
			protocol += ", synthetic twin"
		}
		if len(changed) > 0 {
			protocol += ", recipe changed (" + strings.Join(changed, ", ") + ")"
		}
	}
	row := b.row(r.Label, strconv.Itoa(r.N), measuredSource(r.Runs))
	for i, m := range b.metrics {
		for k, region := range metrics.Regions {
			at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Metric == m && c.Region == region })
			if at >= 0 {
				c := r.Cells[at]
				row.set(2+len(metrics.Regions)*i+k, c.Text, c.Mean)
			}
		}
	}
	b.add(protocol, row)
}

// measuredSource says where measured rows come from: suites of this program, or files of others.
func measuredSource(runs []store.Run) string {
	var from []string
	for _, r := range runs {
		text := "measured: suite " + r.Manifest.Suite
		switch m := r.Manifest; {
		case r.Status.State != store.Done:
			continue
		case m.External != nil:
			text = "predictions of another program: " + m.External.String()
		case m.Imported != "":
			text = "measured with imported weights: " + m.Imported
		}
		if !slices.Contains(from, text) {
			from = append(from, text)
		}
	}
	return strings.Join(from, "; ")
}

// published adds a row of the literature, which does not say of how many runs it is.
func (b *leaderboardBuilder) published(r PublishedRow) {
	protocol := r.Protocol
	if r.Variant != "" {
		protocol = r.Variant + ", " + protocol
	}
	row := b.row(r.Method, undefinedText, r.Tier+": "+r.Source)
	for i, m := range b.metrics {
		f := r.figure(m)
		if f == nil {
			continue
		}
		for k, v := range f.Values {
			if v != nil {
				row.set(2+len(metrics.Regions)*i+k, Fixed(*v, f.Decimals), metrics.Value(*v))
			}
		}
	}
	b.add(protocol, row)
}

// row returns a row without figures, whose source has the number that its text has among all.
func (b *leaderboardBuilder) row(method, n, source string) LeaderboardRow {
	number := slices.Index(b.Sources, source) + 1
	if number == 0 {
		b.Sources = append(b.Sources, source)
		number = len(b.Sources)
	}
	r := LeaderboardRow{Source: source, Cells: make([]SheetCell, len(b.Columns)),
		values: make([]metrics.Value, len(b.Columns))}
	for i := range r.Cells {
		r.Cells[i], r.values[i] = Text(undefinedText), metrics.Undefined()
	}
	kind, _, _ := strings.Cut(source, ":")
	r.Cells[0], r.Cells[1] = Text(method), Text(n)
	if seeds, err := strconv.Atoi(n); err == nil {
		r.Cells[1] = Number(n, float64(seeds))
	}
	r.Cells[len(r.Cells)-1] = Text(fmt.Sprintf("%s [%d]", kind, number))
	return r
}

func (r *LeaderboardRow) set(column int, text string, value metrics.Value) {
	if !value.Defined() {
		return
	}
	r.Cells[column], r.values[column] = Number(text, float64(value)), value
}

func (b *leaderboardBuilder) add(protocol string, row LeaderboardRow) {
	at := slices.IndexFunc(b.Protocols, func(p ProtocolRows) bool { return p.Protocol == protocol })
	if at < 0 {
		at = len(b.Protocols)
		b.Protocols = append(b.Protocols, ProtocolRows{Protocol: protocol})
	}
	b.Protocols[at].Rows = append(b.Protocols[at].Rows, row)
}

// markBest makes the best values of each column bold, where two rows or more have one.
func (b *leaderboardBuilder) markBest(rows []LeaderboardRow) {
	for i, m := range b.metrics {
		for column := 2 + len(metrics.Regions)*i; column < 2+len(metrics.Regions)*(i+1); column++ {
			best, n := metrics.Undefined(), 0
			for _, r := range rows {
				if v := r.values[column]; v.Defined() {
					if n++; n == 1 || m.Better(float64(v), float64(best)) {
						best = v
					}
				}
			}
			for _, r := range rows {
				r.Cells[column].Bold = n > 1 && r.values[column] == best
			}
		}
	}
}
