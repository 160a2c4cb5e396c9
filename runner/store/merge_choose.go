package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// choose decides which of the runs for a place is taken.
func (m *merger) choose(to string, runs []Run) {
	var best *Run
	for i := range runs {
		run := &runs[i]
		if run.Manifest.Hash != runs[0].Manifest.Hash {
			m.problem("%s and %s: different runs with the same folder name", runs[0].Dir, run.Dir)
			return
		}
		if err := inWork(run.Dir, run.Status); err != nil {
			m.note("left out: %s: %v", run.Dir, err)
			if sameFolder(run.Dir, to) {
				return
			}
		} else if best == nil || better(*run, *best) {
			best = run
		}
	}
	if best == nil {
		return
	}
	if err := m.compare(*best, runs); err != nil {
		m.problem("%w", err)
		return
	}
	if sameFolder(best.Dir, to) {
		m.Kept++
		return
	}
	m.Copies = append(m.Copies, MergeCopy{best.Dir, to, best.Status.State == Done})
}

// sameFolder reports whether a run lies where it is to go.
func sameFolder(dir, to string) bool {
	a, errA := os.Stat(dir)
	b, errB := os.Stat(to)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// better reports whether a is to be taken rather than b, which comes before it.
func better(a, b Run) bool {
	if doneA, doneB := a.Status.State == Done, b.Status.State == Done; doneA || doneB {
		return doneA && !doneB
	}
	return a.Status.Updated.After(b.Status.Updated)
}

// inWork is an error if the run is claimed by a process that may be alive.
func inWork(dir string, status Status) error {
	if status.State == Done {
		return nil
	}
	claim, err := currentClaim(dir)
	if err != nil || claim.Number == 0 || claim.Holder.gone() {
		return err
	}
	return fmt.Errorf("%w: merge again when it has ended; if that process is gone, delete %s",
		ClaimedError{claim.Holder}, claimPath(dir, claim.Number))
}

// compare notes finished runs whose predictions are not those of the one that is taken.
func (m *merger) compare(taken Run, runs []Run) error {
	others := slices.DeleteFunc(slices.Clone(runs),
		func(r Run) bool { return r.Status.State != Done || r.Dir == taken.Dir })
	if taken.Status.State != Done || len(others) == 0 {
		return nil
	}
	want, err := predictionsHash(taken)
	if err != nil {
		return err
	}
	for _, run := range others {
		hash, err := predictionsHash(run)
		if err != nil {
			return err
		}
		if hash != want {
			m.note("predictions differ: %s (%s) is taken, %s (%s) is not", taken.Dir, origin(taken), run.Dir, origin(run))
		}
	}
	return nil
}

func predictionsHash(r Run) (string, error) {
	return datasets.FileSHA256(filepath.Join(r.Dir, PredictionsFile))
}

// origin says what may explain other numbers.
func origin(r Run) string {
	return fmt.Sprintf("backend %s, commit %.12s", r.Manifest.Backend, r.Manifest.Commit)
}

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
		return fmt.Errorf("%s and %s: one lies in the other, where runs would count twice: join the stores in a folder "+
			"beside them",
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
