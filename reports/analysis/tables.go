package analysis

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// Table holds the finished runs that a table of [reports.Build] compares, by method.
type Table struct {
	Methods []Method
	Missing int // runs that are not done or cannot be read, left out
}

// Method is one method in one configuration: a run for each seed, at least one.
type Method struct {
	Label  string // the method, with the hash of its configuration where the table has several of it
	Config string
	Runs   []store.Run
	Bins   [][]Bin // of each run, where [Tables] read them
}

// Manifest is that of the first run, which says what all have in common.
func (m Method) Manifest() store.Manifest { return m.Runs[0].Manifest }

// Seeds lists the seeds in order.
func (m Method) Seeds() []int64 {
	seeds := make([]int64, len(m.Runs))
	for i, r := range m.Runs {
		seeds[i] = r.Manifest.Seed
	}
	return seeds
}

// Tables groups runs and reads the bins of a split. Only runs whose method matches the glob are taken; an empty one matches all.
// Runs whose predictions cannot be read are returned apart, and a table without any other finished run is left out. The error
// names a damaged manifest.
func Tables(runs []store.Run, glob string, split datasets.Split) ([]Table, []store.DamagedRun, error) {
	bins := map[string][]Bin{}
	tables, damaged, err := groupRuns(matching(runs, glob), func(r store.Run) (err error) {
		bins[r.Dir], err = Bins(r, split)
		return err
	})
	for _, t := range tables {
		for i := range t.Methods {
			for _, r := range t.Methods[i].Runs {
				t.Methods[i].Bins = append(t.Methods[i].Bins, bins[r.Dir])
			}
		}
	}
	return tables, damaged, err
}

func matching(runs []store.Run, glob string) (chosen []store.Run) {
	for _, r := range runs {
		if matched, err := path.Match(glob, r.Manifest.Method); glob == "" || err == nil && matched {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

// groupRuns makes tables of the finished runs that a function can read.
func groupRuns(runs []store.Run, read func(store.Run) error) (tables []Table, damaged []store.DamagedRun, err error) {
	groups, err := reports.Groups(runs)
	if err != nil {
		return nil, nil, err
	}
	for first := 0; first < len(groups); {
		next := first + 1
		for next < len(groups) && groups[first].SameTable(groups[next]) {
			next++
		}
		var t Table
		for _, g := range groups[first:next] {
			damaged = append(damaged, t.add(g, read)...)
		}
		if t.label(); len(t.Methods) > 0 {
			tables = append(tables, t)
		}
		first = next
	}
	return tables, damaged, nil
}

// add takes a method's finished runs in.
func (t *Table) add(g reports.Group, read func(store.Run) error) (damaged []store.DamagedRun) {
	m := Method{Label: g.Runs[0].Manifest.Method, Config: g.Config}
	for _, r := range g.Runs {
		if r.Status.State != store.Done {
			t.Missing++
			continue
		}
		if err := read(r); err != nil {
			damaged = append(damaged, store.DamagedRun{Dir: r.Dir, Manifest: r.Manifest, Err: err})
			t.Missing++
			continue
		}
		m.Runs = append(m.Runs, r)
	}
	if len(m.Runs) > 0 {
		t.Methods = append(t.Methods, m)
	}
	return damaged
}

// label tells several configurations of a method apart.
func (t *Table) label() {
	configs := map[string]int{}
	for _, m := range t.Methods {
		configs[m.Label]++
	}
	for i, m := range t.Methods {
		if configs[m.Label] > 1 {
			t.Methods[i].Label += " (" + m.Config + ")"
		}
	}
}

// Manifest is that of the table's first run.
func (t Table) Manifest() store.Manifest { return t.Methods[0].Manifest() }

// notes are the footnotes of every sheet of the table.
func (t Table) notes() []string {
	if t.Missing == 0 {
		return nil
	}
	return []string{fmt.Sprintf("runs that are not done or cannot be read, left out: %d", t.Missing)}
}

// caption begins the caption of every sheet.
func (t Table) caption() []string {
	m := t.Manifest()
	lines := []string{fmt.Sprintf("Benchmark %s, scale %s, %s semantics.", m.Benchmark, m.Scale, m.Semantics)}
	if m.Note != "" {
		lines = append(lines, strings.ToUpper(m.Note[:1])+m.Note[1:]+".")
	}
	return lines
}

// counted is what predictions are about.
func counted(m store.Manifest) string {
	if m.Dataset.Dense() {
		return "pixels"
	}
	return "samples"
}

// number formats a label or a count without trailing zeros.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// summary prints mean ± standard deviation (ddof 1) of one value a seed, — if any of them is undefined: leaving out seeds would
// flatter a method.
func summary(values []metrics.Value, decimals int) reports.SheetCell {
	list := make([]float64, len(values))
	for i, v := range values {
		if !v.Defined() {
			return reports.Text("—")
		}
		list[i] = float64(v)
	}
	if len(list) == 0 {
		return reports.Text("—")
	}
	mean := stat.Mean(list, nil)
	text := strconv.FormatFloat(mean, 'f', decimals, 64)
	if len(list) > 1 {
		text += " ± " + strconv.FormatFloat(stat.StdDev(list, nil), 'f', decimals, 64)
	}
	return reports.Number(text, mean)
}

// decimals is the precision papers use: two for ages and points, three for labels that span at most ten units.
func decimals(m store.Manifest) int {
	if space := m.Dataset.LabelSpace; space.Max-space.Min > 10 {
		return 2
	}
	return 3
}

func integer(n int) reports.SheetCell { return reports.Number(strconv.Itoa(n), float64(n)) }

// unit returns " (years)" for a metric on the label's scale, " (years²)" for its square.
func unit(m store.Manifest, metric metrics.Metric) string {
	switch u := m.Dataset.LabelSpace.Unit; {
	case u == "" || metric.UnitPower() == 0:
		return ""
	case metric.UnitPower() == 2:
		return " (" + u + "²)"
	default:
		return " (" + u + ")"
	}
}
