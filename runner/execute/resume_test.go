package execute

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// resumeEntries have everything that a checkpoint must hold: dropout, batch normalisation, FDS, a second stage,
// validation within an epoch, clipped gradients, dense labels, and both kinds of FDS statistics, which act from the
// third epoch on.
var resumeEntries = map[string]string{
	"agedb": testsuite.Text(testsuite.Longer(testsuite.Agedb), "lds+fds, rrt", ", fds: {statistics: online}"),
	"sts-b": testsuite.Text(testsuite.Longer(testsuite.STSB), "fds, rrt+lds",
		", check_every: 3, patience: 2, fds: {statistics: online}, weight_decay: 0.01, clip_norm: 0.5"),
	"sts-b-drops": testsuite.Text(strings.Replace(testsuite.Longer(testsuite.STSB), "layers: 1", "layers: 1, dropout: 0.3",
		1), "lds+fds", ", fds: {statistics: pass}"),
	"official": "semantics: official\n" + testsuite.Text(testsuite.Longer(testsuite.Agedb), "fds", ""),
	"sgd": testsuite.Text(testsuite.Longer(testsuite.Agedb), "vanilla",
		", optimizer: sgd, momentum: 0.9, schedule: cosine, weight_decay: 0.01, lr: 0.001"),
	"heads": testsuite.Text(testsuite.Longer(testsuite.Agedb), "uvote", ""),
	"nyud2": testsuite.Text(testsuite.Longer(testsuite.Depth), "fds, rrt+fds", ", fds: {statistics: online}"),
	"table": testsuite.Text(testsuite.Longer(testsuite.Table), "lds+fds, rrt, smogn",
		", early_stop: 2, fds: {statistics: online}"),
	"nyud2-pass": testsuite.Text(testsuite.Depth, "rrt+fds", ", fds: {statistics: pass}"),
}

// TestResumeAnywhere interrupts runs after every third batch, whatever the pass, until they are done, and compares with
// runs that were left alone.
func TestResumeAnywhere(t *testing.T) {
	for name, text := range resumeEntries {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "sts-b" {
				t.Skip("trains several runs more")
			}
			alone, cut := testruns.Plan(t, t.TempDir(), text), testruns.Plan(t, t.TempDir(), text)
			if _, err := inProcess(t, &watcher{}).Execute(t.Context(), alone); err != nil {
				t.Fatal(err)
			}
			interruptions := 0
			for ; !goOnFor(t, cut, 3); interruptions++ {
				if interruptions > 200 {
					t.Fatal("never done")
				}
			}
			if interruptions < len(cut) {
				t.Errorf("%d interruptions of %d runs", interruptions, len(cut))
			}
			for i := range alone {
				sameResults(t, alone[i], cut[i])
			}
		})
	}
}

// goOnFor executes a plan for a number of batches and reports whether it is done.
func goOnFor(t *testing.T, runs []*plan.Run, batches int) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := inProcess(t, &watcher{})
	countdown := &countingLauncher{Launcher: s.Launcher, left: batches, end: cancel}
	s.Launcher = countdown
	outcomes, err := s.Execute(ctx, runs)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Status.State == store.Failed {
			t.Fatalf("%s: %+v", o.Run.Name(), o.Status)
		}
	}
	return err == nil
}

// countingLauncher ends a context after a number of training steps.
type countingLauncher struct {
	Launcher
	left int
	end  func()
}

func (c *countingLauncher) Launch(ctx context.Context, run *plan.Run, slot int, dead store.Seen, _ train.Listener) (
	Outcome, error) {
	return c.Launcher.Launch(ctx, run, slot, dead, &watcher{onStep: func(int) {
		if c.left--; c.left == 0 {
			c.end()
		}
	}})
}

// sameResults compares all that a run leaves and that time does not change.
func sameResults(t *testing.T, a, b *plan.Run) {
	t.Helper()
	for _, name := range []string{store.PredictionsFile, store.MetricsFile} {
		if testruns.ReadFile(t, a, name) != testruns.ReadFile(t, b, name) {
			t.Errorf("%s: an interruption changed %s", a.Name(), name)
		}
	}
	x, err := store.ReadEvents(a.Dir)
	if err != nil {
		t.Fatal(err)
	}
	y, err := store.ReadEvents(b.Dir)
	if err != nil || len(x) != len(y) {
		t.Fatalf("%s: %d events, %d after interruptions (%v)", a.Name(), len(x), len(y), err)
	}
	for i := range x {
		vals := fmt.Sprint(x[i].Val) == fmt.Sprint(y[i].Val) // there may be none
		if x[i].Loss != y[i].Loss || !vals || x[i].Best != y[i].Best || (x[i].FirstLoss == nil) != (y[i].FirstLoss == nil) {
			t.Errorf("%s: event %+v, after interruptions %+v", a.Name(), x[i], y[i])
		}
	}
	if _, err := os.Stat(filepath.Join(b.Dir, store.ResumeDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: checkpoints to go on from are left after the end (%v)", b.Name(), err)
	}
}

// TestDamagedCheckpoint cuts each file of the newest checkpoint short: the one before is used.
func TestDamagedCheckpoint(t *testing.T) {
	text := testsuite.Text(testsuite.STSB, "lds+fds", "")
	alone := execute(t, testruns.Plan(t, t.TempDir(), text), "done")[0].Run
	for _, damaged := range []string{"*.bin", "checkpoint*.json", "state.json", "*"} {
		run := testruns.Plan(t, t.TempDir(), text)[0]
		interruptAt(t, run, 6)
		dirs, err := filepath.Glob(filepath.Join(run.Dir, store.ResumeDir, "0*"))
		if err != nil || len(dirs) != 2 {
			t.Fatalf("checkpoints %v, %v", dirs, err)
		}
		files, err := filepath.Glob(filepath.Join(dirs[1], damaged))
		if err != nil || len(files) == 0 {
			t.Fatalf("files %v, %v", files, err)
		}
		for _, file := range files {
			if err := os.Truncate(file, 10); err != nil {
				t.Fatal(err)
			}
		}
		seen := &watcher{}
		if _, err := inProcess(t, seen).Execute(t.Context(), []*plan.Run{run}); err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(seen.notes, "\n"); !strings.Contains(notes, "checkpoint passed over: "+dirs[1]) ||
			!strings.Contains(notes, "goes on in epoch 2 after step 6") {
			t.Errorf("%s: notes %s", damaged, notes)
		}
		sameResults(t, alone, run)
	}
}

// interruptAt writes a checkpoint after every batch and interrupts the run after a number of steps.
func interruptAt(t *testing.T, run *plan.Run, steps int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := inProcess(t, &watcher{onStep: func(n int) {
		if n == steps {
			cancel()
		}
	}})
	s.Launcher.(*Executor).CheckpointEvery = 0
	if outcomes, err := s.Execute(ctx, []*plan.Run{run}); !errors.Is(err, context.Canceled) ||
		outcomes[0].Status.State != store.Interrupted {
		t.Fatalf("outcomes %+v, error %v", outcomes, err)
	}
}

// TestTimeout ends a run that takes too long; the next call goes on from where it was.
func TestTimeout(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", ""))[0]
	s := inProcess(t, &watcher{onStep: func(n int) {
		if n == 5 {
			time.Sleep(3 * time.Second)
		}
	}})
	s.Launcher.(*Executor).Timeout = 2 * time.Second
	outcomes, err := s.Execute(t.Context(), []*plan.Run{run})
	if err != nil || outcomes[0].Status.State != store.Timeout {
		t.Fatalf("outcomes %+v, error %v", outcomes, err)
	}
	seen := &watcher{}
	if _, err := inProcess(t, seen).Execute(t.Context(), []*plan.Run{run}); err != nil {
		t.Fatal(err)
	}
	if there, err := store.Load(run.Dir); err != nil || there.Status.State != store.Done || seen.steps != 3 ||
		there.Manifest.Attempts != 2 {
		t.Errorf("%+v (%v) after %d more steps, want done after 3 of 8", there.Status, err, seen.steps)
	}
}

// TestDiedAfterTheEnd: a process that dies between the status and the removal of its checkpoints leaves them to the
// next.
func TestDiedAfterTheEnd(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))
	execute(t, runs, "done")
	left := filepath.Join(runs[0].Dir, store.ResumeDir, "000001")
	if err := os.MkdirAll(left, 0o777); err != nil {
		t.Fatal(err)
	}
	if !execute(t, runs, "done")[0].Skipped {
		t.Error("it was trained again")
	}
	if _, err := os.Stat(filepath.Dir(left)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its checkpoints are still there (%v)", err)
	}
}

// resumesExactly trains a suite that is interrupted after every third batch, and compares with runs that were left
// alone.
func resumesExactly(t *testing.T, text string) {
	t.Helper()
	alone, cut := testruns.Plan(t, t.TempDir(), text), testruns.Plan(t, t.TempDir(), text)
	if _, err := inProcess(t, &watcher{}).Execute(t.Context(), alone); err != nil {
		t.Fatal(err)
	}
	for interruptions := 0; !goOnFor(t, cut, 3); interruptions++ {
		if interruptions > 100 {
			t.Fatal("never done")
		}
	}
	for i := range alone {
		sameResults(t, alone[i], cut[i])
	}
}
