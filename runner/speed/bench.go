// Package speed measures how fast a benchmark trains: its steps, its data pipeline, and what feature distribution
// smoothing adds.
package speed

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/twin"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/train"
)

// BenchOrder says what to measure: one benchmark at one scale on one backend.
type BenchOrder struct {
	Benchmark string           `json:"benchmark"`
	Scale     string           `json:"scale"`
	Backend   string           `json:"backend"`
	Precision string           `json:"precision,omitempty"` // of the recipe; "": its own
	Batch     int              `json:"batch,omitempty"`     // of the recipe; 0: its own
	Data      string           `json:"data"`                // root of prepared datasets; without one there: a twin
	TwinSize  int              `json:"twin_size"`
	Load      task.LoadOptions `json:"load"`
	Steps     int              `json:"steps"`     // training steps that are timed
	Work      string           `json:"work"`      // an empty folder for what the measurement writes; the caller removes it
	DataOnly  bool             `json:"data_only"` // only the data pipeline, without the backend
	Methods   []string         `json:"methods"`   // for [Methods]
}

// BenchResult is what was measured. Shares are fractions of 1; what could not be measured is 0.
type BenchResult struct {
	Benchmark string `json:"benchmark"`
	Scale     string `json:"scale"`
	Backend   string `json:"backend"`
	Precision string `json:"precision,omitempty"`
	Data      string `json:"data"` // "twin" or the name of the dataset
	Batch     int    `json:"batch"`

	CompileSeconds   float64 `json:"compile_seconds"` // of the training step, for all lengths of sentences
	StepSeconds      float64 `json:"step_seconds"`    // on batches that are there, median
	StepsPerSecond   float64 `json:"steps_per_second"`
	SamplesPerSecond float64 `json:"samples_per_second"`
	// GFLOPPerStep is of the convolutions and matrix products, an LSTM's as if all sentences of a batch had one length.
	GFLOPPerStep float64 `json:"gflop_per_step"`
	GFLOPS       float64 `json:"gflops"`
	PeakGFLOPS   float64 `json:"peak_gflops"` // of a float32 matrix product on this backend
	PeakShare    float64 `json:"peak_share"`

	PipelineFirst float64 `json:"pipeline_first"` // samples a second: decoding and the first epoch's batches, as float32
	PipelineLater float64 `json:"pipeline_later"` // of the epochs after
	PipelineFloat float64 `json:"pipeline_float"` // the same, with images normalised to float32 on the host

	Overhead  float64 `json:"overhead"`   // share of an epoch, with validation, without waiting for the device
	FDSPass   float64 `json:"fds_pass"`   // what FDS adds to an epoch's training steps with a second pass
	FDSOnline float64 `json:"fds_online"` // and without
	PeakBytes uint64  `json:"peak_bytes"` // of the resident memory
}

// Bench measures. Its folder gets links to the files of a prepared dataset, so that the first epoch decodes.
func Bench(ctx context.Context, o BenchOrder) (result BenchResult, err error) {
	err = train.Recovered(func() error {
		result, err = bench(ctx, o)
		return err
	})
	return result, err
}

func bench(ctx context.Context, o BenchOrder) (BenchResult, error) {
	runs, err := o.plan()
	if err != nil {
		return BenchResult{}, err
	}
	result := BenchResult{Benchmark: o.Benchmark, Scale: o.Scale, Backend: o.Backend, Precision: o.Precision,
		Data: runs.plain.Dataset.Meta.Name, Batch: runs.plain.Config.Recipe.BatchSize}
	if runs.plain.Dataset.Meta.Twin {
		result.Data = "twin"
	}
	p, err := result.firstEpoch(ctx, runs.plain)
	if err != nil {
		return result, err
	}
	if o.DataOnly {
		return result, result.laterEpochs(ctx, p)
	}
	backend, _, err := backend.Open(o.Backend)
	if err != nil {
		return result, err
	}
	defer backend.Finalize()
	if err := result.epoch(ctx, backend, runs.plain, p.Task); err != nil {
		return result, err
	}
	result.PeakBytes = peakMemory() // before there are three trainings
	if err := result.laterEpochs(ctx, p); err != nil {
		return result, err
	}
	return result, result.steps(ctx, backend, runs, p.Task, o.Steps)
}

// benchPlan are the runs that are compared.
type benchPlan struct{ plain, pass, online *plan.Run }

// plan plans the runs over a dataset below Work.
func (o BenchOrder) plan() (benchPlan, error) {
	entry, err := o.entry()
	if err != nil {
		return benchPlan{}, err
	}
	twoPasses, _, err := o.runs(entry, methods.StatisticsPass, "vanilla", "fds")
	if err != nil {
		return benchPlan{}, err
	}
	online, _, err := o.runs(entry, methods.StatisticsOnline, "fds")
	if err != nil {
		return benchPlan{}, err
	}
	return benchPlan{twoPasses[0], twoPasses[1], online[0]}, nil
}

// entry is the benchmark on its dataset, which is linked below Work, or on a twin. A prepared dataset that cannot be
// opened is no reason to measure a twin. A general benchmark has no twin, and takes the dataset of its own name.
func (o BenchOrder) entry() (plan.Entry, error) {
	b, err := benchmarks.Lookup(o.Benchmark)
	if err != nil {
		return plan.Entry{}, plan.SelectionError{Err: err}
	}
	entry := plan.Entry{Benchmark: o.Benchmark, Scale: o.Scale, Twin: &twin.Options{Size: o.TwinSize}}
	name := cmp.Or(b.Dataset, b.Name)
	if b.General() {
		entry.Dataset, entry.Twin = name, nil
	}
	dir := filepath.Join(o.Data, name)
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); !errors.Is(err, fs.ErrNotExist) {
		prepared, err := datasets.Open(dir)
		if err == nil {
			err = linkDataset(prepared, filepath.Join(o.Work, name))
		}
		if err != nil {
			return plan.Entry{}, err
		}
		entry.Twin = nil
	}
	return entry, nil
}

// runs plans methods with one way of FDS's statistics, or with the recipe's, and says what it leaves out.
func (o BenchOrder) runs(entry plan.Entry, statistics string, methodNames ...string) (
	[]*plan.Run, []plan.Absence, error) {
	entry.Change = func(recipe *task.Recipe) {
		recipe.FDS.Statistics = cmp.Or(statistics, recipe.FDS.Statistics)
		recipe.BatchSize, recipe.Precision = cmp.Or(o.Batch, recipe.BatchSize), cmp.Or(o.Precision, recipe.Precision)
	}
	suite := &plan.Suite{Name: "bench", Fidelity: task.Paper, Seeds: []int64{0}, Methods: methodNames,
		Entries: []plan.Entry{entry}}
	if err := suite.Resolve(); err != nil {
		return nil, nil, plan.SelectionError{Err: err}
	}
	options := plan.Options{Data: o.Work, Out: filepath.Join(o.Work, "results"), Load: o.Load}
	suites := []*plan.Suite{suite}
	if err := execute.MakeDatasets(plan.ToMake(suites, options), func(string) {}); err != nil {
		return nil, nil, err
	}
	runs, err := plan.New(suites, options)
	return runs, plan.Absences(suites, options), err
}

// linkDataset makes a folder with links to a dataset's files.
func linkDataset(d *datasets.Dataset, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	from, err := filepath.Abs(d.Dir)
	if err != nil {
		return err
	}
	names := []string{datasets.MetaFile}
	if !d.Meta.InPlace() { // files in place are found by way of the link to dataset.yaml
		for _, split := range d.Meta.Splits {
			names = append(names, split.File)
		}
	}
	for _, name := range names {
		if err := os.Symlink(filepath.Join(from, name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// firstEpoch measures the way of the data to the device, without a device, from the files on.
func (r *BenchResult) firstEpoch(ctx context.Context, run *plan.Run) (*train.Pipeline, error) {
	begin := time.Now()
	task, err := train.LoadTask(ctx, run, train.Silent{})
	if err != nil {
		return nil, err
	}
	trained := float64(task.Split(datasets.Train).Len()) / float64(allRowsOf(task))
	loading := time.Since(begin).Seconds() * trained // the training rows' part
	// Floats, as a pipeline that ends in such batches.
	p := &train.Pipeline{Task: task, BatchSize: r.Batch, Floats: true}
	begin = time.Now()
	samples, err := p.Epoch(ctx, 0)
	r.PipelineFirst = float64(samples) / (loading + time.Since(begin).Seconds())
	return p, err
}

// laterEpochs measures the way of the data once they are decoded.
func (r *BenchResult) laterEpochs(ctx context.Context, p *train.Pipeline) (err error) {
	if r.PipelineFloat, err = pipelineRate(ctx, p); err != nil {
		return err
	}
	bytes := &train.Pipeline{Task: p.Task, BatchSize: p.BatchSize}
	r.PipelineLater, err = pipelineRate(ctx, bytes)
	return err
}

func allRowsOf(task task.Task) (rows int) {
	for _, split := range datasets.Splits {
		rows += task.Split(split).Len()
	}
	return rows
}

// pipelineRate assembles epochs for about a second and returns samples a second.
func pipelineRate(ctx context.Context, p *train.Pipeline) (float64, error) {
	begin, samples := time.Now(), 0
	for epoch := 1; ; epoch++ {
		n, err := p.Epoch(ctx, epoch)
		if err != nil {
			return 0, err
		}
		samples += n
		if spent := time.Since(begin); spent > time.Second {
			return float64(samples) / spent.Seconds(), nil
		}
	}
}

// epoch measures the second of two epochs as a training runs them.
func (r *BenchResult) epoch(ctx context.Context, backend compute.Backend, run *plan.Run, task task.Task) error {
	t, err := train.NewTimed(ctx, backend, run, task)
	if err != nil {
		return err
	}
	defer t.Close()
	r.Overhead, err = t.EpochOverhead(r.Batch)
	return err
}
