package store

import (
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

// mergeCell is what a table averages over seeds or shows as one row: two hashes in it are two configurations.
type mergeCell struct {
	suite, benchmark, dataset, scale, semantics, selection, method string
	seed                                                           int64
}

func cellOf(m Manifest) mergeCell {
	return mergeCell{m.Suite, m.Benchmark, m.Dataset.Name, m.Scale, m.Semantics, m.Selection, m.Method, m.Seed}
}

func (c mergeCell) String() string {
	return fmt.Sprintf("%s/%s/%s/seed=%d at scale %s", c.suite, c.benchmark, c.method, c.seed, c.scale)
}

// merger collects the runs of the stores.
type merger struct {
	Merge
	stores []string
	cells  map[mergeCell][]map[string]bool // the hashes of a cell, for each store
	places map[string][]Run                // by the folder in Dest; Dest's own run is the first
}

// PlanMerge looks at the stores and at dest, which may hold runs already, and changes nothing.
//
// A finished run comes before an unfinished one, and of two unfinished ones the later; the first of equals is taken, dest
// before the stores. A run that a process works on is left out, and so is everything else for its place if it is dest's.
// Configurations are mixed if the union would have hashes for one cell of a table which no store alone has. The error is about a
// store as a whole.
func PlanMerge(dest string, stores []string) (*Merge, error) {
	m := merger{Merge: Merge{Dest: dest}, cells: map[mergeCell][]map[string]bool{}, places: map[string][]Run{}}
	if _, err := os.Stat(dest); !errors.Is(err, fs.ErrNotExist) {
		stores = slices.Insert(slices.Clone(stores), 0, dest)
	}
	m.stores = stores
	for i, root := range stores {
		runs, damaged, err := Scan(root)
		if err != nil {
			return nil, err
		}
		if len(runs)+len(damaged) == 0 && root != dest {
			m.note("%s holds no runs", root)
		}
		for _, d := range damaged {
			m.problem("%w", d.Err)
		}
		for _, run := range runs {
			m.add(i, run)
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
	cell := cellOf(f)
	if m.cells[cell] == nil {
		m.cells[cell] = make([]map[string]bool, len(m.stores))
	}
	if m.cells[cell][store] == nil {
		m.cells[cell][store] = map[string]bool{}
	}
	m.cells[cell][store][f.Hash] = true
	to := RunDir(m.Dest, f.Suite, f.Benchmark, f.Method, f.Seed, f.Hash)
	m.places[to] = append(m.places[to], run)
}

// findMixed finds cells whose hashes no store has all together.
func (m *merger) findMixed() {
	var lines []string
	for cell, stores := range m.cells {
		union := map[string]bool{}
		for _, hashes := range stores {
			maps.Copy(union, hashes)
		}
		if slices.ContainsFunc(stores, func(hashes map[string]bool) bool { return len(hashes) == len(union) }) {
			continue
		}
		var parts []string
		for i, hashes := range stores {
			for _, hash := range slices.Sorted(maps.Keys(hashes)) {
				parts = append(parts, fmt.Sprintf("%.8s in %s", hash, m.stores[i]))
			}
		}
		lines = append(lines, fmt.Sprintf("%s: mixed configurations: %s", cell, strings.Join(parts, ", ")))
	}
	slices.Sort(lines)
	m.Problems = append(m.Problems, lines...)
}
