package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/plan"
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
	// Variables are the current ones in the order in which the graphs made them, which decides the order of sums over
	// them.
	Variables []savedVariable `json:"variables"`
}

type savedVariable struct {
	Path      string `json:"path"`
	Trainable bool   `json:"trainable"`
}

// checkpointState is a training loop that can go on: its state, and all variables on the host, among them the
// optimiser's, FDS's, the random state, and under bestScope those of the best check.
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
	state := loopState{At: f.at, Checks: f.checks, LossSum: f.losses.sum, Losses: f.losses.samples,
		FirstLoss: f.losses.first, Event: time.Since(f.began).Seconds(), Compile: f.compileSeconds(),
		Seconds: f.saves.seconds()}
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
	if err := store.SyncEvents(f.run.Dir); err != nil { // the checkpoint counts them
		return err
	}
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

// A checkpoint to go on from is a folder <run>/resume/<number> with the variables as a GoMLX checkpoint and stateFile,
// which holds the hashes of the others. It is made under another name and renamed, and the one before it is kept:
// whatever moment a process dies at, and even if the disk loses what it had promised to have written, one whole
// checkpoint is left.

const (
	stateFile       = "state.json"
	checkpointsKept = 2
	unfinished      = "next" // name of the folder while it is made
)

// savedState is the content of stateFile.
type savedState struct {
	loopState
	Files map[string]string `json:"files"` // SHA-256 by name
}

// writeCheckpoint adds a checkpoint to the folder and drops the old ones.
func writeCheckpoint(dir string, state loopState, variables snapshot) error {
	numbers, err := checkpointNumbers(dir)
	if err != nil {
		return err
	}
	temporary := filepath.Join(dir, unfinished)
	if err := variables.write(temporary, checkpoint.BinUncompressed); err != nil {
		return err
	}
	saved := savedState{loopState: state, Files: map[string]string{}}
	if err := hashFiles(temporary, saved.Files); err != nil {
		return err
	}
	if err := store.WriteJSON(filepath.Join(temporary, stateFile), saved); err != nil {
		return err
	}
	next := 1
	if len(numbers) > 0 {
		next = numbers[len(numbers)-1] + 1
	}
	if err := store.Rename(temporary, checkpointPath(dir, next)); err != nil {
		return err
	}
	for i := range len(numbers) + 1 - checkpointsKept {
		if err := os.RemoveAll(checkpointPath(dir, numbers[i])); err != nil {
			return err
		}
	}
	return nil
}

// DropCheckpoints removes what a run would go on from.
func DropCheckpoints(run *plan.Run) error {
	return os.RemoveAll(filepath.Join(run.Dir, store.ResumeDir))
}

func checkpointPath(dir string, number int) string {
	return filepath.Join(dir, fmt.Sprintf("%06d", number))
}

// checkpointNumbers returns the numbers of the checkpoints in a folder, which need not exist, in increasing order.
func checkpointNumbers(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var numbers []int
	for _, entry := range entries {
		if number, err := strconv.Atoi(entry.Name()); err == nil {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func hashFiles(dir string, into map[string]string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if into[entry.Name()], err = datasets.FileSHA256(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// loadCheckpoint returns the newest checkpoint in a folder that is whole, nil if there is none, and what is wrong with
// newer ones.
func loadCheckpoint(dir string) (state *checkpointState, damaged []error, err error) {
	numbers, err := checkpointNumbers(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, number := range slices.Backward(numbers) {
		state, err := readCheckpoint(checkpointPath(dir, number))
		if err == nil {
			return state, damaged, nil
		}
		damaged = append(damaged, err)
	}
	return nil, damaged, nil
}

func readCheckpoint(dir string) (*checkpointState, error) {
	path := filepath.Join(dir, stateFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var saved savedState
	if err := json.Unmarshal(raw, &saved); err != nil {
		return nil, fmt.Errorf("%s: damaged: %w", path, err)
	}
	for name, want := range saved.Files {
		if sum, err := datasets.FileSHA256(filepath.Join(dir, name)); err != nil || sum != want {
			return nil, fmt.Errorf("%s: damaged or missing", filepath.Join(dir, name))
		}
	}
	variables, err := readSnapshot(dir)
	if err != nil {
		return nil, err
	}
	for _, v := range saved.Variables {
		if variables[v.Path] == nil {
			return nil, fmt.Errorf("%s: no variable %s", dir, v.Path)
		}
	}
	return &checkpointState{saved.loopState, variables}, nil
}
