package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Run is a run as the store holds it.
type Run struct {
	Dir      string
	Manifest Manifest
	Status   Status
	Results  Results // nil until the run is done
	Events   []Event
}

// Load reads the run in a folder. A run without status.json was cut off before it began and counts as interrupted; one
// that is running by its status although its process is gone is stale.
// The error names the missing or damaged file.
func Load(dir string) (Run, error) {
	r := Run{Dir: dir}
	if err := readJSON(filepath.Join(dir, ManifestFile), &r.Manifest); err != nil {
		return Run{}, err
	}
	err := readJSON(filepath.Join(dir, StatusFile), &r.Status)
	if errors.Is(err, fs.ErrNotExist) {
		r.Status = Status{State: Interrupted, Message: "no " + StatusFile}
	} else if err != nil {
		return Run{}, err
	}
	err = readJSON(filepath.Join(dir, MetricsFile), &r.Results)
	if err != nil && (r.Status.State == Done || !errors.Is(err, fs.ErrNotExist)) {
		return Run{}, err
	}
	r.checkClaim()
	if r.Events, err = ReadEvents(dir); err != nil {
		return Run{}, err
	}
	return r, nil
}

// Walk returns every run in a folder tree, which may be a store, a suite's folder or a run's own, ordered by suite,
// benchmark, scale, method, seed and hash. It stops at the first run that cannot be read: a table that silently
// leaves one out could not be believed.
func Walk(root string) ([]Run, error) {
	var runs []Run
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() || !isRun(path) {
			return nil
		}
		run, err := Load(path)
		if err != nil {
			return err
		}
		runs = append(runs, run)
		return fs.SkipDir // a checkpoint may hold files of any name
	})
	if errors.Is(err, fs.ErrNotExist) && len(runs) == 0 {
		return nil, fmt.Errorf("run store: %w: expected a folder that `dirbench run` wrote", err)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(runs, compareRuns)
	return runs, nil
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
