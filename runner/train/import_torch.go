package train

import (
	"context"
	"fmt"
	"strings"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/runner/store"
)

// Score loads the parameters of a PyTorch file into the record's run and writes the results of the network, without
// training. It returns the names of parameters in the file that the network does not have; one that is missing is an
// error.
func Score(ctx context.Context, backend compute.Backend, record *Record, file string,
	params map[string]models.TorchTensor) (
	unknown []string, err error,
) {
	err = Recovered(func() error {
		unknown, err = score(ctx, backend, record, file, params)
		return err
	})
	return unknown, err
}

func score(ctx context.Context, backend compute.Backend, record *Record, file string,
	params map[string]models.TorchTensor) (
	[]string, error,
) {
	run := record.run
	task, err := LoadTask(ctx, run, record.observer)
	if err != nil {
		return nil, err
	}
	trainer, err := newTrainer(backend, run, task)
	if err != nil {
		return nil, err
	}
	defer trainer.close()
	unknown, err := trainer.loadTorch(params)
	if err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: fmt.Errorf("%s: %w", file, err)}
	}
	return unknown, record.results(ctx, trainer)
}

// loadTorch sets the variables of encoder and regressor.
func (t *trainer) loadTorch(params map[string]models.TorchTensor) (unknown []string, err error) {
	official := t.run.Config.Recipe.Input().TorchNames()
	if len(official.Encoder) == 0 {
		return nil, fmt.Errorf("%s has no official PyTorch network at scale %s", t.run.Config.Benchmark, t.run.Config.Scale)
	}
	names := models.JoinTorchNames(official.Encoder.In("", encoderScope), official.Regressor.In("", regressorScope))
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
