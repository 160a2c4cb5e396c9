package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/runner/store"
)

// Executor executes planned runs one after the other.
type Executor struct {
	Backend  compute.Backend
	Observer Observer

	loaded struct { // the dataset of the last run, since runs of one benchmark follow each other
		key  string
		task benchmarks.Task
	}
}

// Outcome is how a planned run ended.
type Outcome struct {
	Run     *Run
	Status  store.Status
	Skipped bool // it had been done before
	// Unreadable says that the run's folder is damaged or holds another run; it was left as it is.
	Unreadable bool
}

// Execute executes the plan. A run that fails does not stop the others. The error is not nil only if ctx ended or the
// run store could not be written.
func (x *Executor) Execute(ctx context.Context, plan []*Run) ([]Outcome, error) {
	var outcomes []Outcome
	for i, run := range plan {
		x.Observer.Begin(run, i+1, len(plan))
		outcome, err := x.one(ctx, run)
		if err != nil {
			return outcomes, err
		}
		x.Observer.End(run, outcome.Status, outcome.Skipped)
		outcomes = append(outcomes, outcome)
		if outcome.Status.State == store.Interrupted {
			return outcomes, context.Canceled
		}
	}
	return outcomes, nil
}

func (x *Executor) one(ctx context.Context, run *Run) (Outcome, error) {
	attempts, done, err := previous(run)
	if err != nil {
		// The folder is somebody else's or damaged: leave it as it is.
		return Outcome{Run: run, Status: statusOf(storeError{err}), Unreadable: true}, nil
	}
	if done != nil {
		return Outcome{Run: run, Status: *done, Skipped: true}, nil
	}
	record, err := newRecord(run, x.Backend, attempts+1)
	if err != nil {
		return Outcome{}, err
	}
	start := time.Now()
	status := statusOf(recovered(func() error { return x.execute(ctx, run, record) }))
	status.Seconds = time.Since(start).Seconds()
	return Outcome{Run: run, Status: status}, record.finish(status)
}

// previous looks at what the run's folder holds: how many attempts there were, and the status if the run is done.
func previous(run *Run) (attempts int, done *store.Status, err error) {
	if _, err := os.Stat(run.Dir); errors.Is(err, os.ErrNotExist) {
		return 0, nil, nil
	}
	there, err := store.Load(run.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil, nil // stopped before it wrote its manifest
	}
	if err != nil {
		return 0, nil, err
	}
	if there.Manifest.Hash != run.Hash {
		return 0, nil, fmt.Errorf("%s holds a run of another configuration (%.8s, not %.8s): move it away or choose another --out",
			run.Dir, there.Manifest.Hash, run.Hash)
	}
	if there.Status.State == store.Done {
		return there.Manifest.Attempts, &there.Status, nil
	}
	return there.Manifest.Attempts, nil, nil
}

// recovered calls work. It is the one place that recovers: graph building reports mistakes by panicking.
func recovered(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError{p}
		}
	}()
	return work()
}

func (x *Executor) execute(ctx context.Context, run *Run, record *record) error {
	task, err := x.task(run)
	if err != nil {
		return err
	}
	if task, err = resampled(run, task); err != nil {
		return err
	}
	trainer, err := newTrainer(x.Backend, run, task)
	if err != nil {
		return err
	}
	defer trainer.close()
	if run.First != nil {
		if err := trainer.startFrom(run.First); err != nil {
			return err
		}
	}
	if err := trainer.train(ctx, x.Observer, record.event); err != nil {
		return err
	}
	return record.results(ctx, trainer)
}

// task returns the run's dataset in memory.
func (x *Executor) task(run *Run) (benchmarks.Task, error) {
	key := run.dataset.Dir + "\n" + inputKey(run)
	if x.loaded.key == key {
		return x.loaded.task, nil
	}
	if err := run.dataset.CheckFiles(); err != nil {
		return nil, dataError{err}
	}
	task, err := run.benchmark.Load(run.dataset, run.Config.Recipe, run.load)
	if err != nil {
		return nil, dataError{err}
	}
	x.loaded.key, x.loaded.task = key, task
	return task, nil
}

// inputKey tells apart what is loaded for a run.
func inputKey(run *Run) string {
	r := run.Config.Recipe
	return fmt.Sprintf("%v %+v %+v %+v %+v %s %+v", run.Config.Files, r.Image, r.Text, r.Depth, r.Signal, r.Selection, run.load)
}

// startFrom takes the encoder, and FDS's statistics of its feature, from a finished first stage, and freezes them. Where
// the regressor begins before the feature, the statistics begin anew with it.
func (t *trainer) startFrom(first *Run) error {
	kept, err := finishedSnapshot(first.Dir)
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
	t.store.RootScope().SetParam(models.InitSeedParam, int64(t.run.Config.Seeds()[seedRetrain]))
	return nil
}
