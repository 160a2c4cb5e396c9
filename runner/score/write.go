package score

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Suite is the suite under which external runs are stored.
const Suite = "external"

// Protocol says in which table predictions stand: beside the runs of the same benchmark, scale and fidelity.
type Protocol struct {
	Benchmark benchmarks.Benchmark // zero: none, the dataset alone
	Scale     string
	Fidelity  task.Fidelity
}

// Metrics are the columns of a dataset that no benchmark knows, DenseMetrics those of one with dense labels.
var (
	Metrics      = []metrics.Metric{metrics.MAE, metrics.RMSE, metrics.GM}
	DenseMetrics = []metrics.Metric{metrics.MAE, metrics.RMSE, metrics.AbsRel}
)

// Manifest returns what external runs on a dataset have in common. The error is about the protocol.
func (p Protocol) Manifest(d *datasets.Dataset) (store.Manifest, error) {
	b := p.Benchmark
	m := store.Manifest{
		Suite: Suite, Benchmark: cmp.Or(b.Name, d.Meta.Name), Metrics: Metrics, Dataset: store.DatasetOf(d.Meta),
	}
	if train, err := d.Labels(datasets.Train); err == nil { // not of dense labels
		m.Dataset.Describe(train)
	}
	if d.Meta.Modality.Dense() {
		m.Metrics = DenseMetrics
	}
	if b.Name == "" {
		return m, nil
	}
	if b.Modality != d.Meta.Modality && d.Meta.Modality != datasets.LabelOnly { // scoring needs no inputs
		return m, fmt.Errorf("%s holds %q inputs: %s needs %q", d.Dir, d.Meta.Modality, b.Name, b.Modality)
	}
	recipe, err := b.Recipe(p.Scale, p.Fidelity)
	if err != nil {
		return m, err
	}
	m.Scale, m.Fidelity, m.Metrics, m.GMZero, m.Note = p.Scale, string(p.Fidelity), b.Metrics, b.GMZero, b.Note
	m.Selection = store.Selection{Split: recipe.SelectionSplit(), Metric: b.Selection}
	return m, nil
}

// config is what identifies an external run beside its predictions.
type config struct {
	External   bool                `json:"external"`
	Benchmark  string              `json:"benchmark"`
	Scale      string              `json:"scale,omitempty"`
	Method     string              `json:"method"`
	Seed       int64               `json:"seed"`
	Fidelity   string              `json:"semantics,omitempty"`
	LabelSpace datasets.LabelSpace `json:"label_space"`
	Shots      datasets.ShotRule   `json:"shots"`
	Files      map[string]string   `json:"files"` // SHA-256 of each split
}

// Run is an external run on its way into the store.
type Run struct {
	store.Run
	targets     Targets
	predictions Predictions
}

// NewRun scores predictions for the targets; common is what [Protocol.Manifest] or [Regression] returned. The run's
// hash covers its configuration and its predictions, whatever the form of their file.
func NewRun(common store.Manifest, targets Targets, p Predictions, from store.External) (Run, error) {
	m := common
	m.Method, m.Seed, m.External = p.Method, p.Seed, &from
	d := m.Dataset
	raw, err := json.Marshal(config{
		true, m.Benchmark, m.Scale, m.Method, m.Seed, m.Fidelity, d.LabelSpace, d.Shots, d.Files,
	})
	if err != nil {
		return Run{}, err
	}
	done := store.Status{State: store.Done, Updated: time.Now().UTC()}
	r := Run{Run: store.Run{Status: done}, targets: targets, predictions: p}
	sum := sha256.New()
	sum.Write(raw)
	sum.Write([]byte(targets.Split))
	for _, numbers := range [][]float32{p.Values, p.Spreads} {
		if err := binary.Write(sum, binary.LittleEndian, numbers); err != nil {
			return Run{}, err
		}
	}
	if p.Spreads != nil {
		m.SpreadLaw = metrics.Gaussian
	}
	m.Config, m.Hash = raw, hex.EncodeToString(sum.Sum(nil))
	m.Commit, m.Program, m.GoVersion, m.Modules = store.Commit(), store.Program(), runtime.Version(), store.Modules()
	m.Backend = "none" // that this program knows of
	m.Argv, m.Attempts, m.Started = os.Args, 1, done.Updated
	r.Manifest = m
	var columns store.Columns
	for row := range r.rows() {
		columns.Add(row)
	}
	regions := d.Shots.Regions(d.TrainCounts)
	r.Results = store.Results{string(targets.Split): columns.Score(regions, m)}
	return r, nil
}

// Name returns BENCHMARK/METHOD/seed=N, see [store.Manifest.RunName].
func (r *Run) Name() string { return r.Manifest.RunName() }

// Place finds the run's folder in a store, and whether the same run is done there before; it is then that one. Other
// predictions for its method and seed are an error.
func (r *Run) Place(out string) (before bool, err error) {
	m := r.Manifest
	r.Dir = store.RunDir(out, m.Suite, m.Benchmark, m.Method, m.Seed, m.Hash)
	own, err := r.ConfigHash()
	if err != nil {
		return false, err
	}
	siblings, err := os.ReadDir(filepath.Dir(r.Dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, s := range siblings {
		there, err := store.Load(filepath.Join(filepath.Dir(r.Dir), s.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it never began
		} else if err != nil {
			return false, err
		}
		config, err := there.ConfigHash()
		switch {
		case err != nil:
			return false, err
		case config != own || there.Manifest.RowKey() != m.RowKey() || there.Status.State != store.Done:
		case there.Manifest.Hash == m.Hash:
			before, r.Run = true, there
		default:
			return false, fmt.Errorf("%s has other predictions, from %s: choose another --method or --seed, or delete %s",
				r.Name(), there.Manifest.External, there.Dir)
		}
	}
	return before, nil
}

// Write stores the run in its place, status.json last.
func (r *Run) Write(ctx context.Context) (err error) {
	_, claim, err := store.Acquire(ctx, r.Dir, store.Seen{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Release()) }()
	if err := store.WriteJSON(filepath.Join(r.Dir, store.ManifestFile), r.Manifest); err != nil {
		return err
	}
	write := store.WritePredictions
	if r.predictions.Spreads != nil {
		write = store.WriteSpreads
	}
	if err := write(filepath.Join(r.Dir, store.PredictionsFile), r.rows()); err != nil {
		return err
	}
	if err := store.WriteJSON(filepath.Join(r.Dir, store.MetricsFile), r.Results); err != nil {
		return err
	}
	return store.WriteStatus(r.Dir, r.Status)
}

func (r *Run) rows() iter.Seq[store.Prediction] {
	return func(yield func(store.Prediction) bool) {
		for i, id := range r.targets.IDs {
			label := r.targets.Labels[i]
			row := store.Prediction{
				ID: id, Split: r.targets.Split, Label: label, Prediction: r.predictions.Values[i],
				Bin: int32(r.Manifest.Dataset.LabelSpace.Bin(label)),
			}
			if r.predictions.Spreads != nil {
				row.Spread = r.predictions.Spreads[i]
			}
			if !yield(row) {
				return
			}
		}
	}
}
