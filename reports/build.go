package reports

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Build returns one table for each benchmark, dataset, scale, semantics and selection rule among the runs. Only
// finished runs are averaged; a footnote counts the others. Errors name a damaged manifest, an option that there is not, or a
// table that would have no column.
func Build(runs []store.Run, opts Options) ([]Table, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	tables := []Table{}
	for _, group := range groupTables(runs) {
		b := builder{opts: opts, split: string(opts.Split), first: group[0].Manifest, warnings: []Warning{}}
		table, err := b.build(group, opts.Metrics)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// builder makes one table; warnings gather in it on the way.
type builder struct {
	opts     Options // none left open
	split    string
	first    store.Manifest // of the table's first run: says what all of them have in common
	rows     []methodRuns
	done     []store.Run // finished runs of all rows
	warnings []Warning
}

func (b *builder) build(runs []store.Run, wanted []metrics.Metric) (Table, error) {
	rows, copies, err := groupMethods(runs)
	if err != nil {
		return Table{}, err
	}
	b.rows = rows
	if copies > 0 {
		b.warn(WarnDuplicates, "copies of stored runs, left out: %d", copies)
	}
	for _, r := range rows {
		b.done = append(b.done, r.finished(b.split)...)
	}
	columns := b.columns(runs, wanted)
	if len(columns) == 0 {
		return Table{}, fmt.Errorf("%s: no run stores any of the metrics %s", b.first.Benchmark, metrics.Names(wanted))
	}
	m := b.first
	table := Table{
		Title: b.title(), RowKey: m.RowKey(), Split: b.split, Interval: b.opts.Interval, Level: b.opts.Level, Columns: columns,
	}
	for _, r := range rows {
		table.Rows = append(table.Rows, b.row(r, columns))
	}
	b.checkIntervals(table.Rows)
	markBest(table.Rows, columns)
	b.checkProtocol(table.Rows)
	consistent := b.checkRuns(table.Rows)
	table.Against = b.compare(table.Rows, columns)
	table.Caption = append(b.caption(columns, consistent), table.Against.markCaption(table.Rows)...)
	table.Warnings = b.warnings
	return table, nil
}

func (b *builder) warn(kind WarningKind, format string, args ...any) {
	b.warnings = append(b.warnings, Warning{kind, fmt.Sprintf(format, args...)})
}

// finished returns the runs that are done and have scores of the split.
func (g methodRuns) finished(split string) []store.Run {
	var done []store.Run
	for _, r := range g.runs {
		if _, ok := r.Results[split]; ok && r.Status.State == store.Done {
			done = append(done, r)
		}
	}
	return done
}

// columns returns each shown metric over all samples and by region.
func (b *builder) columns(runs []store.Run, wanted []metrics.Metric) []Column {
	var listed []metrics.Metric
	for _, r := range runs {
		for _, m := range r.Manifest.Metrics {
			if !slices.Contains(listed, m) {
				listed = append(listed, m)
			}
		}
	}
	if wanted == nil {
		wanted = listed
	}
	var columns []Column
	for _, m := range wanted {
		if !slices.Contains(listed, m) && !b.stored(m) {
			continue
		}
		for _, region := range metrics.Regions {
			columns = append(columns, b.column(m, region))
		}
	}
	return columns
}

func (b *builder) stored(m metrics.Metric) bool {
	return slices.ContainsFunc(b.done, func(r store.Run) bool {
		_, ok := r.Results[b.split][metrics.All].Values[m]
		return ok
	})
}

func (b *builder) column(m metrics.Metric, region datasets.Region) Column {
	space := b.first.Dataset.LabelSpace
	c := Column{Metric: m, Region: region, Unit: m.Unit(space), Higher: m.HigherIsBetter(), Decimals: m.Decimals(space)}
	if len(b.done) > 0 {
		c.Samples = b.done[0].Results[b.split][region].N
	}
	return c
}
