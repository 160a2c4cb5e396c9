package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Rehearser executes planned runs in small, from loading their files to writing their results: on the first rows of
// their dataset, with small inputs and for one step or a few. What a run would find wrong only after it has begun is
// found before, except for a lack of memory.
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

// Rehearse executes a run, and before it its first stage, unless that was rehearsed already. The error is one line; it
// says why the run would fail.
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

// small returns the run with one epoch of one or, where it needs many rows, some small batches, in the rehearser's
// folder.
func (r *Rehearser) small(run *plan.Run) (*plan.Run, error) {
	rows := max(2, 2*run.Config.Recipe.BNShards) // each shard of batch normalisation has a variance
	if needsRows(run.Method) {
		rows = manyRows
	}
	dataset, err := r.head(run.Dataset, rows)
	if err != nil {
		return nil, err
	}
	first := run.First
	if first != nil {
		if first, err = r.small(first); err != nil {
			return nil, err
		}
	}
	return run.With(r.Dir, func(small *plan.Run) {
		small.First, small.Dataset, small.Data = first, dataset, dataset.Dir
		small.Config.Files = plan.FileHashes(dataset)
		shrink(small)
	}), nil
}

// needsRows reports whether a method finds neighbours among the training rows or fits something to their labels.
func needsRows(m methods.Composition) bool {
	fits := func(p methods.Part) bool { return p.Prepare != nil || p.Weights != nil }
	return m.Resample() != methods.ResampleNone || slices.ContainsFunc(m, fits)
}

// shrink makes a run short.
func shrink(run *plan.Run) {
	recipe := &run.Config.Recipe
	recipe.BatchSize, recipe.Epochs = min(max(2, 2*recipe.BNShards), recipe.BatchSize), 1
	if run.First != nil {
		recipe.RetrainEpochs = 1
	}
	if needsRows(run.Method) {
		recipe.CheckEvery, recipe.MaxChecks = 1, 1
	}
	*recipe = recipe.WithInput(recipe.Input().Small())
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

// The rows of a dataset's head: so many training rows where a method needs many, and so many of validation and test.
const (
	manyRows      = 64
	evaluatedRows = 2
)

// head identifies the beginning of a dataset.
type head struct {
	dir  string
	rows int // of the training split
}

// head writes a dataset of the first rows of each split, once.
func (r *Rehearser) head(dataset *datasets.Dataset, rows int) (*datasets.Dataset, error) {
	key := head{dataset.Dir, rows}
	if there := r.heads[key]; there != nil {
		return there, nil
	}
	dir := filepath.Join(r.Dir, fmt.Sprintf("data%d", len(r.heads)))
	if err := writeHead(dir, dataset, rows); err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	made, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	if r.heads == nil {
		r.heads = map[head]*datasets.Dataset{}
	}
	r.heads[key] = made
	return made, nil
}

func writeHead(dir string, dataset *datasets.Dataset, rows int) error {
	writer, err := datasets.Create(dir, dataset.Meta)
	if err != nil {
		return err
	}
	defer writer.Abort()
	for _, split := range datasets.Splits {
		out, err := writer.Split(split)
		if err != nil {
			return err
		}
		left := rows
		if split != datasets.Train {
			left = evaluatedRows
		}
		for sample, err := range dataset.Samples(split) {
			if err != nil {
				return err
			}
			sample.Subset = true // FDS measures its features on all of them
			if err := out.Write(sample); err != nil {
				return err
			}
			if left--; left == 0 {
				break
			}
		}
	}
	return writer.Close()
}
