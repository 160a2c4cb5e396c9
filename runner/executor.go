package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/runner/store"
)

// DefaultCheckpointEvery is how much training a run loses at most when its process is killed.
const DefaultCheckpointEvery = 5 * time.Minute

// Executor executes runs in this process.
type Executor struct {
	Backend         compute.Backend
	CheckpointEvery time.Duration // 0: after every batch
	Timeout         time.Duration // of an attempt; 0: none
}

// Outcome is how a planned run ended.
type Outcome struct {
	Run     *Run
	Status  store.Status
	Skipped bool // nothing was done: it had ended before
	// Unreadable says that the run's folder is damaged or holds another run; it was left as it is.
	Unreadable bool
}

// Launch claims a run, whose claim so far is dead or none, and executes it, from its last checkpoint if there is one. How it
// ends is in its status; the error is not nil only if another process has the run ([store.ClaimedError], or
// [store.ErrClaimLost]), or if its folder cannot be written.
func (x *Executor) Launch(ctx context.Context, run *Run, _ int, dead store.Seen, observer Observer) (outcome Outcome, err error) {
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
	record, err := newRecord(run, x.Backend, there.Manifest.Attempts+1, observer)
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
	saves := saver{every: x.CheckpointEvery, began: time.Now(), last: time.Now()}
	status := statusOf(recovered(func() error { return x.train(ctx, run, record, &saves) }))
	if !claim.Held() {
		return Outcome{}, store.ErrClaimLost // the folder is no longer ours to write
	}
	status.Seconds = saves.seconds()
	return Outcome{Run: run, Status: status}, record.finish(status)
}

// previous returns what the run's folder holds; the zero value if it never began. A folder that is damaged or another run's is
// an error.
func previous(run *Run) (store.Run, error) {
	there, err := store.Load(run.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return store.Run{}, nil // nothing, or stopped before it wrote its manifest
	}
	if err == nil && there.Manifest.Hash != run.Hash {
		err = fmt.Errorf("%s holds a run of another configuration (%.8s, not %.8s): move it away or choose another --out",
			run.Dir, there.Manifest.Hash, run.Hash)
	}
	if err != nil {
		return store.Run{}, storeError{err}
	}
	return there, nil
}

// recovered calls work. It is the one place that recovers: graph building reports mistakes by panicking.
func recovered(work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case benchmarks.InputError:
			err = dataError{p}
		default:
			err = panicError{p}
		}
	}()
	return work()
}

func (x *Executor) train(ctx context.Context, run *Run, record *record, saves *saver) error {
	if run.First != nil {
		if err := checkFinished(run.First); err != nil {
			return err // before the data are loaded in vain
		}
	}
	task, err := loadTask(ctx, run, record.observer)
	if err != nil {
		return err
	}
	trainer, err := newTrainer(x.Backend, run, task)
	if err != nil {
		return err
	}
	defer trainer.close()
	from, err := record.goOn()
	if err != nil {
		return err
	}
	if from == nil && run.First != nil {
		if err := trainer.startFrom(run.First); err != nil {
			return err
		}
	}
	if err := trainer.train(ctx, record, saves, from); err != nil {
		return err
	}
	return record.results(ctx, trainer)
}

// loadTask returns the run's dataset in memory, resampled if its method does that. If ctx ends before, it does not wait.
func loadTask(ctx context.Context, run *Run, observer Observer) (benchmarks.Task, error) {
	type result struct {
		task benchmarks.Task
		err  error
	}
	loaded := make(chan result, 1)
	go func() {
		var r result
		r.err = recovered(func() (err error) { r.task, err = readTask(run, observer); return err })
		loaded <- r
	}()
	select {
	case r := <-loaded:
		return r.task, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func readTask(run *Run, observer Observer) (benchmarks.Task, error) {
	if err := run.dataset.CheckFiles(); err != nil {
		return nil, dataError{err}
	}
	options := run.load
	options.Note = func(text string) { observer.Note(run, text) }
	task, err := run.benchmark.Load(run.dataset, run.Config.Recipe, options)
	if err != nil {
		return nil, dataError{err}
	}
	return resampled(run, task)
}

// checkFinished makes sure that a first stage is done. One that failed or was interrupted may have left a checkpoint too.
func checkFinished(first *Run) error {
	there, err := store.Load(first.Dir)
	if err == nil && there.Status.State != store.Done {
		err = fmt.Errorf("the first stage did not finish: %s %s", there.Status.State, there.Status.Class)
	}
	if err != nil {
		return firstStageError{fmt.Errorf("%s: %w", first.Name(), err)}
	}
	return nil
}

// startFrom takes the encoder, and FDS's statistics of its feature, from a finished first stage, and freezes them. Where
// the regressor begins before the feature, the statistics begin anew with it.
func (t *trainer) startFrom(first *Run) error {
	kept, err := readSnapshot(filepath.Join(first.Dir, store.CheckpointDir))
	if err != nil {
		return firstStageError{fmt.Errorf("%s: %w", first.Name(), err)}
	}
	maps.DeleteFunc(kept, func(path string, _ *tensors.Tensor) bool {
		return strings.HasPrefix(path, "/"+regressorScope+"/") || t.dense != nil && !strings.HasPrefix(path, "/"+encoderScope+"/")
	})
	if err := kept.restore(t.store); err != nil {
		return err
	}
	for v := range t.store.IterVariables() {
		v.SetTrainable(false)
	}
	return nil
}
