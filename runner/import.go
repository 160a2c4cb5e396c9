package runner

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/store"
)

// ImportSuite is the suite under which imported networks are stored.
const ImportSuite = "imported"

// ImportOptions say what the parameters in a PyTorch file belong to.
type ImportOptions struct {
	File      string // .pth or .safetensors
	Benchmark string
	Scale     string
	Dataset   string // empty: the benchmark's
	Method    string // that it was trained with
	Seed      int64
}

// PlanImport returns the run that an imported network becomes. Its hash covers the file.
func PlanImport(o ImportOptions, options PlanOptions) (*Run, error) {
	suite := &Suite{Name: ImportSuite, Semantics: methods.Official, Seeds: []int64{o.Seed}, Methods: []string{o.Method},
		Entries: []Entry{{Benchmark: o.Benchmark, Scale: o.Scale, Dataset: o.Dataset}}}
	if err := suite.resolve(); err != nil {
		return nil, SelectionError{err}
	}
	if m := suite.Entries[0].recipe.Depth; m != nil {
		m.Pretrained = false // the file holds the encoder as well
	}
	sum, err := datasets.FileSHA256(o.File)
	if err != nil {
		return nil, err
	}
	plan, err := Plan([]*Suite{suite}, options)
	if err != nil {
		return nil, err
	}
	run := plan[len(plan)-1] // behind its first stage, if it has one
	run.First, run.Config.Weights = nil, sum
	run.imported = fmt.Sprintf("%s (sha256 %.8s)", filepath.Base(o.File), sum)
	run.place(options.Out)
	return run, nil
}

// Import makes a finished run of a PyTorch file: checkpoint, predictions and metrics, without training. The names of
// parameters in the file that the network does not have are returned; one that is missing is an error.
func (x *Executor) Import(ctx context.Context, run *Run, file string) (outcome Outcome, unknown []string, err error) {
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
	record, err := newRecord(run, x.Backend, there.Manifest.Attempts+1, unobserved{})
	if err != nil {
		return Outcome{}, nil, err
	}
	start := time.Now()
	status := statusOf(recovered(func() error {
		unknown, err = x.score(ctx, run, record, file, params)
		return err
	}))
	status.Seconds = time.Since(start).Seconds()
	return Outcome{Run: run, Status: status}, unknown, record.finish(status)
}

// score loads the parameters and writes the results of the network.
func (x *Executor) score(ctx context.Context, run *Run, record *record, file string, params map[string]models.TorchTensor) ([]string, error) {
	task, err := loadTask(ctx, run, record.observer)
	if err != nil {
		return nil, err
	}
	trainer, err := newTrainer(x.Backend, run, task)
	if err != nil {
		return nil, err
	}
	defer trainer.close()
	unknown, err := trainer.loadTorch(params)
	if err != nil {
		return nil, dataError{fmt.Errorf("%s: %w", file, err)}
	}
	return unknown, record.results(ctx, trainer)
}

// loadTorch sets the variables of encoder and regressor.
func (t *trainer) loadTorch(params map[string]models.TorchTensor) (unknown []string, err error) {
	var encoder, regressor models.TorchNames
	if task, ok := t.task.(benchmarks.Importer); ok {
		encoder, regressor = task.TorchNames()
	}
	if len(encoder) == 0 {
		return nil, fmt.Errorf("%s has no official PyTorch network at scale %s", t.run.Config.Benchmark, t.run.Config.Scale)
	}
	names := models.JoinTorchNames(encoder.In("", encoderScope), regressor.In("", regressorScope))
	report, err := names.Load(t.store.RootScope(), params)
	if err != nil {
		return nil, err
	}
	if n := len(report.Missing); n > 0 {
		return nil, fmt.Errorf("%d of %d parameters are missing, %s among them: expected the official network of %s",
			n, len(names), strings.Join(report.Missing[:min(n, 3)], ", "), t.run.Config.Benchmark)
	}
	return report.Unknown, nil
}
