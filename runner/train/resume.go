package train

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// bestScope holds the variables of the best check beside the current ones.
const bestScope = "/best"

// loopState is what a training loop holds beside variables, as JSON.
type loopState struct {
	At        position       `json:"at"`
	Checks    []float64      `json:"checks"`
	LossSum   float64        `json:"loss_sum"`
	Losses    int            `json:"losses"` // samples in LossSum
	FirstLoss *metrics.Value `json:"first_loss,omitempty"`
	Event     float64        `json:"event_seconds"`   // since the last event
	Compile   float64        `json:"compile_seconds"` // since the last event
	Seconds   float64        `json:"seconds"`         // that the run took so far
	// Variables are the current ones in the order in which the graphs made them, which decides the order of sums over them.
	Variables []savedVariable `json:"variables"`
}

type savedVariable struct {
	Path      string `json:"path"`
	Trainable bool   `json:"trainable"`
}

// checkpointState is a training loop that can go on: its state, and all variables on the host, among them the optimiser's, FDS's,
// the random state, and under bestScope those of the best check.
type checkpointState struct {
	loopState
	variables snapshot
}

// saver decides when checkpoints are written.
type saver struct {
	every  time.Duration // 0: after every batch
	last   time.Time     // of the last checkpoint, or of the start
	began  time.Time     // of the attempt
	before float64       // seconds of the attempts before
}

// seconds is what the run took, over all attempts.
func (s *saver) seconds() float64 { return s.before + time.Since(s.began).Seconds() }

func (f *fit) saveIfDue() error {
	if time.Since(f.saves.last) < f.saves.every {
		return nil
	}
	return f.save()
}

// save writes a checkpoint and drops all but the one before it.
func (f *fit) save() error {
	if err := f.losses.read(); err != nil {
		return err
	}
	state := loopState{At: f.at, Checks: f.checks, LossSum: f.losses.sum, Losses: f.losses.samples, FirstLoss: f.losses.first,
		Event: time.Since(f.began).Seconds(), Compile: f.compileSeconds(), Seconds: f.saves.seconds()}
	variables, err := takeSnapshot(f.store, func(string) bool { return true })
	if err != nil {
		return err
	}
	for v := range f.store.IterVariables() {
		state.Variables = append(state.Variables, savedVariable{v.Path(), v.Trainable})
	}
	for path, value := range f.kept {
		variables[bestScope+path] = value
	}
	f.saves.last = time.Now()
	return writeCheckpoint(filepath.Join(f.run.Dir, store.ResumeDir), state, variables)
}

// resume puts the loop where the checkpoint left off.
func (f *fit) resume(from *checkpointState) error {
	for _, saved := range from.Variables {
		if err := (snapshot{saved.Path: from.variables[saved.Path]}).restore(f.store); err != nil {
			return err
		}
		f.store.GetVariable(saved.Path).SetTrainable(saved.Trainable)
	}
	f.kept = snapshot{}
	for path, value := range from.variables {
		if path, best := strings.CutPrefix(path, bestScope); best {
			f.kept[path] = value
		}
	}
	f.at, f.checks = from.At, from.Checks
	f.best = slices.Min(append([]float64{f.best}, f.checks...))
	f.losses = lossMeter{sum: from.LossSum, samples: from.Losses, first: from.FirstLoss}
	f.saves.before = from.Seconds
	f.began = time.Now().Add(-time.Duration(from.Event * float64(time.Second)))
	f.compiledBefore = f.compiled.time - time.Duration(from.Compile*float64(time.Second))
	return nil
}
