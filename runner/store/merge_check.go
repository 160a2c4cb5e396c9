package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// loadToMerge is loadWithoutEvents for a merge, which takes no finished run whose predictions are damaged.
func loadToMerge(dir string) (Run, error) {
	r, err := loadWithoutEvents(dir)
	if err != nil || r.Status.State != Done {
		return r, err
	}
	rows := 0
	for _, scores := range r.Results {
		rows += scores[metrics.All].N
	}
	return r, checkPredictions(filepath.Join(dir, PredictionsFile), rows)
}

// apart is an error if one of the two folders lies in the other, where its runs would be there twice.
func apart(dest, root string) error {
	if _, err := os.Stat(root); err != nil {
		return nil // Scan says what is wrong
	}
	a, err := resolve(dest)
	if err != nil {
		return err
	}
	b, err := resolve(root)
	if err != nil {
		return err
	}
	if inside(a, b) || inside(b, a) {
		return fmt.Errorf("%s and %s: one lies in the other, where runs would count twice: join the stores in a folder beside them",
			dest, root)
	}
	return nil
}

// inside reports whether a folder lies below another one.
func inside(folder, other string) bool {
	relative, err := filepath.Rel(other, folder)
	return err == nil && relative != "." && filepath.IsLocal(relative)
}

// resolve returns the absolute path of a folder, which need not exist, without symbolic links.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	parent, err := resolve(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}
