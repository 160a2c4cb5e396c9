package analysis

import (
	"path"

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

// Scored names the runs of a method on a benchmark and the split that they were scored on.
type Scored struct {
	Title     string         `json:"title"`
	Benchmark string         `json:"benchmark"`
	Method    string         `json:"method"`
	Config    string         `json:"config"`
	Seeds     []int64        `json:"seeds"`
	Split     datasets.Split `json:"split"`
}

func (m Method) scored(split datasets.Split) Scored {
	manifest := m.Manifest()
	return Scored{reports.Title(manifest), manifest.Benchmark, m.Label, m.Config, m.Seeds(), split}
}

// Tables groups runs and reads the bins of a split. Only runs whose method matches the glob are taken; an empty one
// matches all. Runs whose predictions cannot be read are returned apart, and a table without any other finished run is
// left out. The error names a damaged manifest.
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
