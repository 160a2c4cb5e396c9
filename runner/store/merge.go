package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Merge says how stores are joined in a folder: what is copied there, and what stands against it.
type Merge struct {
	Dest   string
	Copies []MergeCopy
	Kept   int // runs that Dest holds already
	// Notes are lines about runs that are left out or whose predictions differ from those of the run that was taken.
	Notes []string
	// Problems are lines about damaged runs and mixed configurations; if there are any, nothing may be copied.
	Problems []string
}

// MergeCopy is a run that is copied.
type MergeCopy struct {
	From, To string
	Done     bool // else it is unfinished and brings its checkpoints
}

// mergeCell is what a table averages over seeds and shows as one row, if it has one configuration.
type mergeCell struct {
	RowKey
	suite, method string
}

func cellOf(m Manifest) mergeCell { return mergeCell{m.RowKey(), m.Suite, m.Method} }

func (c mergeCell) String() string {
	return fmt.Sprintf("%s/%s/%s at scale %s", c.suite, c.Benchmark, c.method, c.Scale)
}

// merger collects the runs of the stores.
type merger struct {
	Merge
	stores []string
	cells  map[mergeCell][]map[string]string // for each store a cell's configurations, each with the folder of a run
	places map[string][]Run                  // by the folder in Dest; Dest's own run is the first
}

// PlanMerge looks at the stores and at dest, which may hold runs already, and changes nothing.
//
// A finished run comes before an unfinished one, and of two unfinished ones the later; the first of equals is taken,
// dest before the stores. A run that a process works on is left out, and so is everything else for its place if it is
// dest's. Configurations, seeds apart, are mixed if the union would have several for one cell of a table which no store
// alone has. The error is about a store as a whole.
func PlanMerge(dest string, stores []string) (*Merge, error) {
	m := merger{Merge: Merge{Dest: dest}, cells: map[mergeCell][]map[string]string{}, places: map[string][]Run{}}
	if _, err := os.Stat(dest); !errors.Is(err, fs.ErrNotExist) {
		stores = slices.Insert(slices.Clone(stores), 0, dest)
	}
	m.stores = stores
	for _, root := range stores {
		if err := apart(dest, root); err != nil {
			return nil, err
		}
	}
	for i := range stores {
		if err := m.read(i); err != nil {
			return nil, err
		}
	}
	if len(m.places)+len(m.Problems) == 0 {
		return nil, fmt.Errorf("no runs in %s: expected folders that `dirbench run` wrote", strings.Join(stores, ", "))
	}
	m.findMixed()
	for _, to := range slices.Sorted(maps.Keys(m.places)) {
		m.choose(to, m.places[to])
	}
	return &m.Merge, nil
}

// read adds the runs of a store. One that does not lie in its place would be copied there if the store is Dest.
func (m *merger) read(store int) error {
	root := m.stores[store]
	runs, damaged, err := scan(root, loadToMerge)
	if err != nil {
		return err
	}
	if len(runs)+len(damaged) == 0 && root != m.Dest {
		m.note("%s holds no runs", root)
	}
	for _, d := range damaged {
		m.problem("%w", d.Err)
	}
	for _, run := range runs {
		if to := m.place(run); root == m.Dest && run.Dir != to {
			return fmt.Errorf("%s lies in %s, but its place there is %s: name the root of a run store as destination", run.Dir,
				root, to)
		}
		m.add(store, run)
	}
	return nil
}

func (m *merger) note(format string, args ...any) {
	m.Notes = append(m.Notes, fmt.Sprintf(format, args...))
}

func (m *merger) problem(format string, args ...any) {
	m.Problems = append(m.Problems, fmt.Errorf(format, args...).Error())
}

// add files a run under its cell and its place.
func (m *merger) add(store int, run Run) {
	f := run.Manifest
	for _, name := range []string{f.Suite, f.Benchmark, f.Method, f.Hash} {
		if !filepath.IsLocal(name) || filepath.Base(name) != name {
			m.problem("%s: %q: expected a name", filepath.Join(run.Dir, ManifestFile), name)
			return
		}
	}
	config, err := run.ConfigHash()
	if err != nil {
		m.problem("%w", err)
		return
	}
	cell := cellOf(f)
	if m.cells[cell] == nil {
		m.cells[cell] = make([]map[string]string, len(m.stores))
	}
	if m.cells[cell][store] == nil {
		m.cells[cell][store] = map[string]string{}
	}
	m.cells[cell][store][config] = cmp.Or(m.cells[cell][store][config], run.Dir)
	to := m.place(run)
	m.places[to] = append(m.places[to], run)
}

// place returns the folder of a run in Dest.
func (m *merger) place(r Run) string {
	f := r.Manifest
	return RunDir(m.Dest, f.Suite, f.Benchmark, f.Method, f.Seed, f.Hash)
}

// findMixed finds cells whose configurations no store has all together.
func (m *merger) findMixed() {
	var lines []string
	for cell, stores := range m.cells {
		union := map[string]string{}
		for _, configs := range stores {
			maps.Copy(union, configs)
		}
		if slices.ContainsFunc(stores, func(configs map[string]string) bool { return len(configs) == len(union) }) {
			continue
		}
		var parts []string
		for _, configs := range stores {
			for _, config := range slices.Sorted(maps.Keys(configs)) {
				parts = append(parts, fmt.Sprintf("%s in %s", config, configs[config]))
			}
		}
		lines = append(lines, fmt.Sprintf("%s: mixed configurations: %s", cell, strings.Join(parts, ", ")))
	}
	slices.Sort(lines)
	m.Problems = append(m.Problems, lines...)
}
