// Package train trains one run: steps, the loop over epochs, checkpoints to go on from, predictions, and the files that
// it leaves in the run store.
package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// Recovered calls work. Graph building reports mistakes by panicking: this is where they become errors.
func Recovered(work func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case task.InputError:
			err = store.Failure{Class: store.ClassData, Err: p}
		default:
			err = store.Failure{Class: store.ClassPanic, Err: fmt.Errorf("%v", p)}
		}
	}()
	return work()
}

// Train trains the record's run, from its last checkpoint if there is one, and writes its results. Checkpoints are
// written after every so much training, 0 for every batch, and when ctx ends. It returns the seconds that all attempts
// took.
func Train(ctx context.Context, backend compute.Backend, record *Record, every time.Duration) (
	seconds float64, err error) {
	saves := saver{every: every, began: time.Now(), last: time.Now()}
	err = Recovered(func() error { return trainRecord(ctx, backend, record, &saves) })
	return saves.seconds(), err
}

func trainRecord(ctx context.Context, backend compute.Backend, record *Record, saves *saver) error {
	run := record.run
	if run.First != nil {
		if err := checkFinished(run.First); err != nil {
			return err // before the data are loaded in vain
		}
	}
	task, err := LoadTask(ctx, run, record.observer)
	if err != nil {
		return err
	}
	trainer, err := newTrainer(backend, run, task)
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

// checkFinished makes sure that a first stage is done. One that failed or was interrupted may have left a checkpoint
// too.
func checkFinished(first *plan.Run) error {
	there, err := store.Load(first.Dir)
	if err == nil && there.Status.State != store.Done {
		err = fmt.Errorf("the first stage did not finish: %s %s", there.Status.State, there.Status.Class)
	}
	if err != nil {
		return store.Failure{Class: store.ClassFirstStage, Err: fmt.Errorf("%s: %w", first.Name(), err)}
	}
	return nil
}

// startFrom takes the encoder, and FDS's statistics of its feature, from a finished first stage, and freezes them.
// Where the regressor begins before the feature, the statistics begin anew with it.
func (t *trainer) startFrom(first *plan.Run) error {
	kept, err := readSnapshot(filepath.Join(first.Dir, store.CheckpointDir))
	if err != nil {
		return store.Failure{Class: store.ClassFirstStage, Err: fmt.Errorf("%s: %w", first.Name(), err)}
	}
	maps.DeleteFunc(kept, func(path string, _ *tensors.Tensor) bool {
		anew := strings.HasPrefix(path, "/"+regressorScope+"/") || strings.HasPrefix(path, "/"+methodScope+"/")
		return anew || t.task.Dense() && !strings.HasPrefix(path, "/"+encoderScope+"/")
	})
	if err := kept.restore(t.store); err != nil {
		return err
	}
	for v := range t.store.IterVariables() {
		v.SetTrainable(false)
	}
	return nil
}

// UnsavedError is a run that was told to stop and could not save its checkpoint.
type UnsavedError struct {
	error
	Unsaved error
}

func (e UnsavedError) Unwrap() error { return e.error }

// stopped reports whether a run was told to stop, in contrast to one that failed.
func stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
