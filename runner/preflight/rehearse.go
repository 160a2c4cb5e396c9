package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Rehearser executes planned runs in small, from loading their files to writing their results: on the first rows of their
// dataset, with small inputs and for one step or a few. What a run would find wrong only after it has begun is found before,
// except for a lack of memory.
type Rehearser struct {
	Backend compute.Backend
	Dir     string // a folder for what the rehearsals write; the caller removes it
	heads   map[head]*datasets.Dataset
}

// Rehearsal is what an execution in small took.
type Rehearsal struct {
	Seconds    float64
	Checkpoint int64  // bytes of the finished run's checkpoint
	Dir        string // what it wrote; a first stage's is used again by the runs that start from it
}

// Rehearse executes a run, and before it its first stage, unless that was rehearsed already. The error is one line; it says
// why the run would fail.
func (r *Rehearser) Rehearse(ctx context.Context, run *plan.Run) (Rehearsal, error) {
	if run.Missing != "" {
		return Rehearsal{}, fmt.Errorf("missing: %s", run.Missing)
	}
	small, err := r.small(run)
	if err != nil {
		return Rehearsal{}, err
	}
	for _, stage := range []*plan.Run{small.First, small} {
		if stage == nil {
			continue
		}
		executor := execute.Executor{Backend: r.Backend, CheckpointEvery: time.Hour}
		outcome, err := executor.Launch(ctx, stage, 0, store.Seen{}, train.Silent{})
		if err = errors.Join(err, ctx.Err()); err != nil {
			return Rehearsal{}, err
		}
		if status := outcome.Status; status.State != store.Done {
			return Rehearsal{}, fmt.Errorf("%s: %s", status.Class, status.Message)
		}
		if stage == small {
			size, err := folderSize(filepath.Join(small.Dir, store.CheckpointDir))
			return Rehearsal{outcome.Status.Seconds, size, small.Dir}, err
		}
	}
	return Rehearsal{}, nil
}

// small returns the run with one epoch of one or, where it resamples, some small batches, in the rehearser's folder.
func (r *Rehearser) small(run *plan.Run) (*plan.Run, error) {
	small := *run
	recipe := &small.Config.Recipe
	rows := max(2, 2*recipe.BNShards) // each shard of batch normalisation has a variance
	recipe.BatchSize, recipe.Epochs = min(rows, recipe.BatchSize), 1
	if run.First != nil {
		recipe.RetrainEpochs = 1
	}
	input, _ := recipe.Input().Small()
	*recipe = recipe.WithInput(input)
	if run.Method.Resample != methods.ResampleNone {
		rows = resampledRows
		recipe.CheckEvery, recipe.MaxChecks = 1, 1
	}
	var err error
	if small.Dataset, err = r.head(run.Dataset, rows); err != nil {
		return nil, err
	}
	small.Config.Files = map[datasets.Split]string{}
	for split, meta := range small.Dataset.Meta.Splits {
		small.Config.Files[split] = meta.SHA256
	}
	if run.First != nil {
		if small.First, err = r.small(run.First); err != nil {
			return nil, err
		}
	}
	small.Place(r.Dir)
	return &small, nil
}

func folderSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
