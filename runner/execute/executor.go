// Package execute executes planned runs: in this process or in workers, several at a time, beside other processes on
// the same run store. A run that fails, hangs or dies leaves the others going.
package execute

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// DefaultCheckpointEvery is how much training a run loses at most when its process is killed.
const DefaultCheckpointEvery = 5 * time.Minute

// Executor executes runs in this process.
type Executor struct {
	Backend         compute.Backend
	CheckpointEvery time.Duration // 0: after every batch
	Timeout         time.Duration // of an attempt; 0: none
	Argv            []string      // of the command that ordered the runs; nil: this process's
}

// Outcome is how a planned run ended.
type Outcome struct {
	Run     *plan.Run
	Status  store.Status
	Skipped bool // nothing was done: it had ended before
	// Unreadable says that the run's folder is damaged or holds another run; it was left as it is.
	Unreadable bool
}

// Launch claims a run, whose claim so far is dead or none, and executes it, from its last checkpoint if there is one.
// How it ends is in its status; the error is not nil only if another process has the run ([store.ClaimedError], or
// [store.ErrClaimLost]), or if its folder cannot be written.
func (x *Executor) Launch(ctx context.Context, run *plan.Run, _ int, dead store.Seen, observer train.Listener) (
	outcome Outcome, err error) {
	ctx, claim, err := store.Acquire(ctx, run.Dir, dead)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { err = errors.Join(err, claim.Release()) }()
	there, err := previous(run)
	if err != nil {
		// The folder is somebody else's or damaged: leave it as it is.
		return Outcome{Run: run, Status: statusOf(err), Unreadable: true}, nil
	}
	if there.Status.State == store.Done {
		return Outcome{Run: run, Status: there.Status, Skipped: true}, nil
	}
	record, err := train.NewRecord(run, x.attempt(there), observer)
	if err != nil {
		return Outcome{}, err
	}
	if x.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, x.Timeout)
		defer cancel()
	}
	if before := there.Manifest.Backend; before != "" && before != x.Backend.String() {
		observer.Note(run, fmt.Sprintf("was begun on backend %s", before))
	}
	seconds, err := train.Train(ctx, x.Backend, record, x.CheckpointEvery)
	status := statusOf(err)
	if !claim.Held() {
		return Outcome{}, store.ErrClaimLost // the folder is no longer ours to write
	}
	status.Seconds = seconds
	return Outcome{Run: run, Status: status}, record.Finish(status)
}

// Close does nothing: the backend is the caller's.
func (x *Executor) Close() {}

// attempt is the next one at a run.
func (x *Executor) attempt(there store.Run) train.Attempt {
	argv := x.Argv
	if argv == nil {
		argv = os.Args
	}
	return train.Attempt{Number: there.Manifest.Attempts + 1, Backend: x.Backend.String(), Device: x.Backend.Description(),
		Argv: argv}
}

// previous returns what the run's folder holds; the zero value if it never began. A folder that is damaged or another
// run's is an error.
func previous(run *plan.Run) (store.Run, error) {
	there, err := store.Load(run.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return store.Run{}, nil // nothing, or stopped before it wrote its manifest
	}
	if err == nil && there.Manifest.Hash != run.Hash {
		err = fmt.Errorf("%s holds a run of another configuration (%.8s, not %.8s): move it away or choose another --out",
			run.Dir, there.Manifest.Hash, run.Hash)
	}
	if err != nil {
		return store.Run{}, store.Failure{Class: store.ClassIO, Err: err}
	}
	return there, nil
}

// Import makes a finished run of a PyTorch file: checkpoint, predictions and metrics, without training. The names of
// parameters in the file that the network does not have are returned; one that is missing is an error.
func (x *Executor) Import(ctx context.Context, run *plan.Run, file string) (
	outcome Outcome, unknown []string, err error) {
	ctx, claim, err := store.Acquire(ctx, run.Dir, store.Seen{})
	if err != nil {
		return Outcome{}, nil, err
	}
	defer func() { err = errors.Join(err, claim.Release()) }()
	there, err := previous(run)
	if err != nil {
		return Outcome{}, nil, err
	}
	if there.Status.State == store.Done {
		return Outcome{Run: run, Status: there.Status, Skipped: true}, nil, nil
	}
	params, err := torchfile.Read(file)
	if err != nil {
		return Outcome{}, nil, err
	}
	record, err := train.NewRecord(run, x.attempt(there), train.Silent{})
	if err != nil {
		return Outcome{}, nil, err
	}
	start := time.Now()
	unknown, err = train.Score(ctx, x.Backend, record, file, params)
	status := statusOf(err)
	status.Seconds = time.Since(start).Seconds()
	return Outcome{Run: run, Status: status}, unknown, record.Finish(status)
}

// MakeDatasets makes the datasets that [plan.ToMake] found missing, and says so in a line for each.
func MakeDatasets(missing []plan.Made, note func(string)) error {
	for _, m := range missing {
		var err error
		if m.Twin != nil {
			note("making the synthetic twin " + filepath.Base(m.Dir))
			err = twin.Write(m.Dir, m.Dataset, *m.Twin, false)
		} else {
			note("making the dataset " + filepath.Base(m.Dir) + " from a table in the program")
			err = convert.Embedded(m.Dataset, filepath.Dir(m.Dir))
		}
		if err != nil && !errors.Is(err, datasets.ErrExists) { // else another process was faster
			return err
		}
	}
	return nil
}
