package runner

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// record writes a run's folder: the manifest first, status.json last.
type record struct {
	run      *Run
	manifest store.Manifest
}

// newRecord begins a run's folder, clearing what an unfinished attempt left.
func newRecord(run *Run, backend compute.Backend, attempts int) (*record, error) {
	if err := os.MkdirAll(run.Dir, 0o755); err != nil {
		return nil, err
	}
	for _, name := range []string{store.StatusFile, store.EventsFile, store.MetricsFile, store.PredictionsFile} {
		if err := os.Remove(filepath.Join(run.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	manifest, err := newManifest(run, backend, attempts)
	if err != nil {
		return nil, err
	}
	r := &record{run: run, manifest: manifest}
	if err := store.WriteJSON(r.path(store.ManifestFile), manifest); err != nil {
		return nil, err
	}
	return r, r.finish(store.Status{State: store.Running, Updated: time.Now().UTC()})
}

func newManifest(run *Run, backend compute.Backend, attempts int) (store.Manifest, error) {
	config, err := json.Marshal(run.Config)
	c := run.Config
	return store.Manifest{
		Hash: run.Hash, Suite: run.suite, Benchmark: c.Benchmark, Scale: c.Scale, Method: c.Method, Seed: c.Seed,
		Semantics: string(c.Semantics), Selection: run.selection(), Note: run.benchmark.Note, Imported: run.imported,
		Metrics: run.benchmark.Metrics, GMZero: run.benchmark.GMZero, Config: config, Dataset: store.DatasetOf(run.dataset.Meta),
		Seeds: c.Seeds(), Commit: commit(), GoVersion: runtime.Version(), Modules: modules(),
		Backend: backend.String(), Device: backend.Description(), Argv: os.Args, Attempts: attempts, Started: time.Now().UTC(),
	}, err
}

func (r *record) path(name string) string { return filepath.Join(r.run.Dir, name) }

func (r *record) event(e store.Event) error { return store.AppendEvent(r.run.Dir, e) }

// results writes the checkpoint, the predictions of validation and test split, and the metrics computed from them.
func (r *record) results(ctx context.Context, t *trainer) error {
	kept, err := takeSnapshot(t.store)
	if err != nil {
		return err
	}
	if err := kept.save(r.run.Dir); err != nil {
		return err
	}
	predictions := map[datasets.Split][]float32{}
	for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
		if predictions[split], err = t.predictSplit(ctx, split); err != nil {
			return err
		}
	}
	if err := store.WritePredictions(r.path(store.PredictionsFile), r.rows(t, predictions)); err != nil {
		return err
	}
	results, err := store.Evaluate(r.run.Dir, r.manifest)
	if err != nil {
		return err
	}
	return store.WriteJSON(r.path(store.MetricsFile), results)
}

func (r *record) rows(t *trainer, predictions map[datasets.Split][]float32) iter.Seq[store.Prediction] {
	return func(yield func(store.Prediction) bool) {
		for _, split := range []datasets.Split{datasets.Val, datasets.Test} {
			points := t.points(split)
			for i, label := range points.Labels {
				if !yield(store.Prediction{ID: points.IDs[i], Split: split, Label: label, Prediction: predictions[split][i],
					Bin: int32(r.run.Config.LabelSpace.Bin(label))}) {
					return
				}
			}
		}
	}
}

func (r *record) finish(status store.Status) error {
	return store.WriteJSON(r.path(store.StatusFile), status)
}
