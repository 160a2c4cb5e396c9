package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
	"github.com/dirbench/dirbench/runner/store"
)

// Build returns one table for each benchmark, dataset, scale, semantics and selection rule among the runs. Only
// finished runs are averaged; a footnote counts the others. Errors name a damaged manifest, an option that there is
// not, or a table that would have no column.
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
		Title: b.title(), RowKey: m.RowKey(), Split: b.split, Interval: b.opts.Interval, Level: b.opts.Level,
		Columns: columns,
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
	if wanted == nil {
		table.Uncertainty = b.uncertainty()
	}
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

// columns returns each shown metric over all samples and by region, and by default its balanced form over all samples:
// inside a region, where bins have similar counts, the two hardly differ.
func (b *builder) columns(runs []store.Run, wanted []metrics.Metric) []Column {
	var listed []metrics.Metric
	for _, r := range runs {
		for _, m := range r.Manifest.Metrics {
			if !slices.Contains(listed, m) {
				listed = append(listed, m)
			}
		}
	}
	byDefault := wanted == nil
	if byDefault {
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
		if balanced := m.Balanced(); byDefault && b.stored(balanced) && !slices.Contains(wanted, balanced) {
			columns = append(columns, b.column(balanced, metrics.All))
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

// undefinedText is how tables print a value that does not exist.
const undefinedText = "—"

// row averages the finished runs of a method.
func (b *builder) row(g methodRuns, columns []Column) Row {
	done := g.finished(b.split)
	r := Row{
		Label: g.label, Method: g.method, Config: g.config, N: len(done), Overridden: overridden(done), Runs: g.runs,
	}
	var undefined []string
	if r.Cells, undefined = b.cells(done, columns); len(undefined) > 0 {
		b.warn(WarnUndefined, "%s: undefined, so not averaged: %s", r.Label, strings.Join(undefined, ", "))
	}
	b.countMissing(r.Label, g)
	return r
}

// cells averages the columns over runs. What some runs lack and are to have is undefined, by name.
func (b *builder) cells(done []store.Run, columns []Column) (cells []Cell, undefined []string) {
	for _, c := range columns {
		values, missing := b.values(done, c)
		if missing > 0 {
			undefined = append(undefined, fmt.Sprintf("%s (%d of %d seeds)", c.Name(), missing, len(done)))
		}
		cells = append(cells, newCell(values, c.Decimals, b.opts))
	}
	return cells, undefined
}

// values returns a column's value for every run, or none if a run lacks it: leaving out the seeds on which a method
// broke down would flatter it. missing counts the runs whose region has samples and yet no value, unless only methods
// with a spread have one.
func (b *builder) values(done []store.Run, c Column) (values []float64, missing int) {
	for _, r := range done {
		scores := r.Results[b.split][c.Region]
		v, ok := scores.Values[c.Metric]
		if ok && v.Defined() {
			values = append(values, float64(v))
		} else if scores.N > 0 && (ok || !c.Metric.NeedsSpread() && !c.Metric.NeedsRelevance()) {
			missing++
		}
	}
	if len(values) < len(done) {
		return nil, missing
	}
	return values, 0
}

// newCell prints mean ± standard deviation (denominator n-1) or mean [low, high], the latter parts from two values on.
func newCell(values []float64, decimals int, opts Options) Cell {
	none := metrics.Undefined()
	cell := Cell{Text: undefinedText, Mean: none, Std: none, Low: none, High: none}
	if len(values) == 0 {
		return cell
	}
	cell.Mean = metrics.Value(mean(values))
	cell.Text = format(cell.Mean, decimals)
	if len(values) < 2 {
		return cell
	}
	cell.Std = metrics.Value(stat.StdDev(values, nil))
	if opts.Interval == IntervalStd {
		cell.Text += " ± " + format(cell.Std, decimals)
		return cell
	}
	interval := opts.interval(values)
	cell.Low, cell.High = metrics.Value(interval.Low), metrics.Value(interval.High)
	if !cell.Low.Defined() {
		cell.Text += " [" + undefinedText + "]"
		return cell
	}
	cell.Text += fmt.Sprintf(" [%s, %s]", format(cell.Low, decimals), format(cell.High, decimals))
	return cell
}

func (o Options) interval(values []float64) stats.Interval {
	if o.Interval == IntervalBCa {
		return stats.MeanBCa(values, o.Level, stats.Resamples)
	}
	return stats.MeanT(values, o.Level)
}

// fewResampled is the number of seeds below which a bootstrap is far from its level: of 5 normal values a BCa interval
// at 95 % covers the mean in about 85 % of all cases, of 10 in 90 %.
const fewResampled = 10

// checkIntervals warns of bootstraps of a handful of values.
func (b *builder) checkIntervals(rows []Row) {
	few := func(r Row) bool { return r.N >= 2 && r.N < fewResampled }
	if b.opts.Interval == IntervalBCa && slices.ContainsFunc(rows, few) {
		b.warn(WarnBootstrap, "bootstrap intervals of fewer than %d seeds are too narrow; t intervals are not", fewResampled)
	}
}

func mean(values []float64) float64 { return stat.Mean(values, nil) }

func format(v metrics.Value, decimals int) string { return Fixed(float64(v), decimals) }

// markBest marks, in each column with at least two values, the best one and all that print alike.
func markBest(rows []Row, columns []Column) {
	for i, c := range columns {
		best, n := math.NaN(), 0
		for _, r := range rows {
			v := float64(r.Cells[i].Mean)
			if math.IsNaN(v) {
				continue
			}
			n++
			if n == 1 || c.Metric.Better(v, best) {
				best = v
			}
		}
		if n < 2 {
			continue
		}
		text := format(metrics.Value(best), c.Decimals)
		for _, r := range rows {
			r.Cells[i].Bold = r.Cells[i].Mean.Defined() && format(r.Cells[i].Mean, c.Decimals) == text
		}
	}
}
