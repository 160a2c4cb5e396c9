package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// Record writes a run's folder, the manifest first and status.json last, and tells an observer what goes on.
type Record struct {
	run      *plan.Run
	manifest store.Manifest
	observer Listener
}

// Attempt says how a run is executed.
type Attempt struct {
	Number  int // from 1
	Backend string
	Device  string
	Argv    []string // of the command that the run belongs to
}

// NewRecord begins an attempt in a run's folder. Events and checkpoints of the attempt before stay until the training
// goes on.
func NewRecord(run *plan.Run, attempt Attempt, observer Listener) (*Record, error) {
	for _, name := range []string{store.StatusFile, store.MetricsFile, store.PredictionsFile, store.CrashFile} {
		if err := os.Remove(filepath.Join(run.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	manifest, err := NewManifest(run, attempt)
	if err != nil {
		return nil, err
	}
	r := &Record{run: run, manifest: manifest, observer: observer}
	// Both wait for the disk, at the same time.
	var files errgroup.Group
	files.Go(func() error { return store.WriteJSON(r.path(store.ManifestFile), manifest) })
	files.Go(func() error {
		return store.WriteJSON(r.path(store.StatusFile), store.Status{State: store.Running, Updated: time.Now().UTC()})
	})
	return r, files.Wait()
}

// NewManifest returns the manifest of an attempt.
func NewManifest(run *plan.Run, attempt Attempt) (store.Manifest, error) {
	c := run.Config
	config, err := json.Marshal(c)
	if err != nil {
		return store.Manifest{}, err
	}
	var law metrics.Law
	if part, own := run.Method.Head(); own {
		law = metrics.Law(part.Method.Head.Law)
	}
	dataset := store.DatasetOf(run.Dataset.Meta)
	if labels, err := run.Dataset.Labels(datasets.Train); err == nil { // else dense, or damaged, as the training will say
		dataset.Describe(labels)
	}
	overridden, err := overriddenFields(run)
	return store.Manifest{
		Hash: run.Hash, Suite: run.Suite, Benchmark: c.Benchmark, Scale: c.Scale, Method: c.Method, Seed: c.Seed,
		Fidelity: string(c.Fidelity), Selection: run.Selection(), Note: run.Benchmark.Note, Imported: run.Imported,
		EncoderOnly: run.Method.EncoderOnly(), FirstConfig: run.FirstConfig(),
		Metrics: run.Benchmark.Metrics, GMZero: run.Benchmark.GMZero, SpreadLaw: law, Config: config, ScaleRecipe: overridden,
		Dataset: dataset,
		Seeds:   c.Seeds(), Commit: store.Commit(), Program: store.Program(), GoVersion: runtime.Version(),
		Modules: store.Modules(), Backend: attempt.Backend, Device: attempt.Device, Argv: attempt.Argv,
		Attempts: attempt.Number, Started: time.Now().UTC(),
	}, err
}

// overriddenFields returns the fields of the scale's own recipe, on the run's dataset, that differ from the run's.
func overriddenFields(run *plan.Run) (map[string]json.RawMessage, error) {
	preset, err := run.Benchmark.Recipe(run.Config.Scale, run.Config.Fidelity)
	if err != nil {
		return nil, err
	}
	labels := func() ([]float32, error) { return run.Dataset.Labels(datasets.Train) }
	if preset, err = preset.For(run.Dataset.Meta.LabelSpace, labels); err != nil {
		return nil, err
	}
	fields, err := jsonFields(preset.Used(run.Method))
	if err != nil {
		return nil, err
	}
	own, err := jsonFields(run.Config.Recipe)
	maps.DeleteFunc(fields, func(name string, value json.RawMessage) bool { return bytes.Equal(value, own[name]) })
	return fields, err
}

func jsonFields(recipe task.Recipe) (fields map[string]json.RawMessage, err error) {
	text, err := json.Marshal(recipe)
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(text, &fields)
}

func (r *Record) path(name string) string { return filepath.Join(r.run.Dir, name) }

// Step reports a finished training step; all count from 1.
func (r *Record) Step(epoch, epochs, step, steps int) {
	r.observer.Step(r.run, epoch, epochs, step, steps)
}

// Epoch stores and reports a validation.
func (r *Record) Epoch(e store.Event) error {
	r.observer.Epoch(r.run, e)
	return store.AppendEvent(r.run.Dir, e)
}

// goOn returns the checkpoint that the run goes on from, nil if there is none, and drops the events after it.
func (r *Record) goOn() (*checkpointState, error) {
	from, damaged, err := loadCheckpoint(r.path(store.ResumeDir))
	if err != nil {
		return nil, err
	}
	for _, d := range damaged {
		r.observer.Note(r.run, fmt.Sprintf("checkpoint passed over: %v", d))
	}
	if from == nil {
		return nil, store.KeepEvents(r.run.Dir, 0)
	}
	r.observer.Note(r.run, fmt.Sprintf("goes on in epoch %d after step %d", from.At.Epoch+1, from.At.Step))
	return from, store.KeepEvents(r.run.Dir, len(from.Checks))
}

// results writes the checkpoint, the predictions of validation and test split, and the metrics computed from them.
func (r *Record) results(ctx context.Context, t *trainer) error {
	predictions := map[datasets.Split]predicted{}
	for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
		var err error
		if predictions[split], err = t.predictSplit(ctx, split); err != nil {
			return err
		}
	}
	kept, err := takeSnapshot(t.store, keptVariable) // an imported network has all its variables once it has predicted
	if err != nil {
		return err
	}
	var files errgroup.Group // which wait for the disk at the same time
	files.Go(func() error { return kept.save(r.run.Dir) })
	files.Go(func() error { return r.write(t, predictions) })
	return files.Wait()
}

// write writes the predictions and their metrics.
func (r *Record) write(t *trainer, predictions map[datasets.Split]predicted) error {
	write := store.WritePredictions
	if predictions[datasets.Test].spreads != nil {
		write = store.WriteSpreads
	}
	if err := write(r.path(store.PredictionsFile), r.rows(t, predictions)); err != nil {
		return err
	}
	results, err := store.Evaluate(r.run.Dir, r.manifest)
	if err != nil {
		return err
	}
	return store.WriteJSON(r.path(store.MetricsFile), results)
}

func (r *Record) rows(t *trainer, predictions map[datasets.Split]predicted) iter.Seq[store.Prediction] {
	return func(yield func(store.Prediction) bool) {
		for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
			points := t.task.Points(split)
			for i, label := range points.Labels {
				row := store.Prediction{ID: points.IDs[i], Split: split, Label: label, Prediction: predictions[split].values[i],
					Bin: int32(r.run.Config.LabelSpace.Bin(label))}
				if spreads := predictions[split].spreads; spreads != nil {
					row.Spread = spreads[i]
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// Finish writes how the run stands. A run that is done needs its checkpoints to go on from no longer.
func (r *Record) Finish(status store.Status) error {
	if err := store.SyncEvents(r.run.Dir); err != nil {
		return err
	}
	if err := store.WriteStatus(r.run.Dir, status); err != nil || status.State != store.Done {
		return err
	}
	return DropCheckpoints(r.run)
}

// Listener is told how a training goes.
type Listener interface {
	// Step reports a finished training step; all count from 1.
	Step(run *plan.Run, epoch, epochs, step, steps int)
	// Epoch reports a validation.
	Epoch(run *plan.Run, event store.Event)
	// Note says something that a person may want to know: that a run goes on from a checkpoint, or waits.
	Note(run *plan.Run, text string)
}

// Silent is a listener that tells nobody.
type Silent struct{}

// Step does nothing.
func (Silent) Step(*plan.Run, int, int, int, int) {}

// Epoch does nothing.
func (Silent) Epoch(*plan.Run, store.Event) {}

// Note does nothing.
func (Silent) Note(*plan.Run, string) {}
