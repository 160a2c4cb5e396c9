package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Damaged is the state that tables give to runs that cannot be read; no status.json holds it.
const Damaged State = "damaged"

// DamagedRun is a run that cannot be read.
type DamagedRun struct {
	Dir      string
	Manifest Manifest // zero if it is the manifest that is damaged
	Err      error    // one line with the file and what to do
}

// Scan returns every run in a folder tree, which may be a store, a suite's folder or a run's own, ordered by suite,
// benchmark, scale, method, seed and hash, and those that cannot be read, by folder: a table that silently leaves one
// out could not be believed. Folders whose names begin with a dot hold none. Events are left unread, no table needs
// them. The error is about the root.
func Scan(root string) (runs []Run, damaged []DamagedRun, err error) {
	return scan(root, loadWithoutEvents)
}

func scan(root string, load func(dir string) (Run, error)) (runs []Run, damaged []DamagedRun, err error) {
	dirs, damaged, err := runDirs(root)
	if err != nil {
		return nil, nil, err
	}
	loaded, failures := loadAll(dirs, load)
	for i, run := range loaded {
		if failures[i] != nil {
			damaged = append(damaged, DamagedRun{run.Dir, run.Manifest, failures[i]})
		} else {
			runs = append(runs, run)
		}
	}
	slices.SortStableFunc(runs, compareRuns)
	slices.SortStableFunc(damaged, func(a, b DamagedRun) int { return strings.Compare(a.Dir, b.Dir) })
	return runs, damaged, nil
}

// Walk is Scan for those who need every run, with its events: the first damaged one is an error.
func Walk(root string) ([]Run, error) {
	runs, damaged, err := scan(root, Load)
	if err == nil && len(damaged) > 0 {
		err = damaged[0].Err
	}
	if err != nil {
		return nil, err
	}
	return runs, nil
}

// runDirs returns the folders of runs in a tree; those that cannot be entered are damaged. A folder that goes away
// meanwhile is passed over.
func runDirs(root string) (dirs []string, damaged []DamagedRun, err error) {
	if info, err := os.Lstat(root); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		root += string(filepath.Separator) // what a link stands for, which WalkDir does not follow
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return err
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			damaged = append(damaged, DamagedRun{Dir: path, Err: fmt.Errorf("%w: expected a folder that can be read", err)})
			return fs.SkipDir
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir // what a merge that was killed left
		case !entry.IsDir() || !isRun(path):
			return nil
		}
		dirs = append(dirs, filepath.Clean(path))
		return fs.SkipDir // a checkpoint may hold files of any name
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("run store: %s does not exist: expected a folder that `dirbench run` wrote", root)
	}
	return dirs, damaged, err
}

// loadsAtOnce keeps the cores busy, and a file system on the network.
var loadsAtOnce = max(8, 2*runtime.GOMAXPROCS(0))

// loadAll loads runs in parallel. A run that has a failure holds what could be read.
func loadAll(dirs []string, load func(dir string) (Run, error)) (runs []Run, failures []error) {
	runs, failures = make([]Run, len(dirs)), make([]error, len(dirs))
	var group errgroup.Group
	group.SetLimit(loadsAtOnce)
	for i, dir := range dirs {
		group.Go(func() error {
			runs[i], failures[i] = load(dir)
			return nil
		})
	}
	group.Wait()
	return runs, failures
}

func isRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ManifestFile))
	return err == nil
}

func compareRuns(a, b Run) int {
	x, y := a.Manifest, b.Manifest
	return cmp.Or(
		cmp.Compare(x.Suite, y.Suite),
		cmp.Compare(x.Benchmark, y.Benchmark),
		cmp.Compare(x.Scale, y.Scale),
		cmp.Compare(x.Method, y.Method),
		cmp.Compare(x.Seed, y.Seed),
		cmp.Compare(x.Hash, y.Hash),
	)
}
