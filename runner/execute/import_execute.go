package execute

import (
	"context"
	"errors"
	"time"

	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Import makes a finished run of a PyTorch file: checkpoint, predictions and metrics, without training. The names of
// parameters in the file that the network does not have are returned; one that is missing is an error.
func (x *Executor) Import(ctx context.Context, run *plan.Run, file string) (outcome Outcome, unknown []string, err error) {
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
	record, err := train.NewRecord(run, x.Backend, there.Manifest.Attempts+1, train.Silent{})
	if err != nil {
		return Outcome{}, nil, err
	}
	start := time.Now()
	unknown, err = train.Score(ctx, x.Backend, record, file, params)
	status := statusOf(err)
	status.Seconds = time.Since(start).Seconds()
	return Outcome{Run: run, Status: status}, unknown, record.Finish(status)
}
