package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/store"
)

// resumeEntries have everything that a checkpoint must hold: dropout, batch normalisation, FDS, a second stage, validation
// within an epoch, clipped gradients, dense labels, and both kinds of FDS statistics, which act from the third epoch on.
var resumeEntries = map[string]string{
	"agedb":       suiteText(longer(agedbEntry), "lds+fds, rrt", ", fds: {statistics: online}"),
	"sts-b":       suiteText(longer(stsbEntry), "fds, rrt+lds", ", check_every: 3, patience: 2, fds: {statistics: online}, weight_decay: 0.01, clip_norm: 0.5"),
	"sts-b-drops": suiteText(strings.Replace(longer(stsbEntry), "layers: 1", "layers: 1, dropout: 0.3", 1), "lds+fds", ", fds: {statistics: pass}"),
	"official":    "semantics: official\n" + suiteText(longer(agedbEntry), "fds", ""),
	"nyud2":       suiteText(longer(depthEntry), "fds, rrt+fds", ", fds: {statistics: online}"),
	"nyud2-pass":  suiteText(depthEntry, "rrt+fds", ", fds: {statistics: pass}"),
}

// longer trains an entry for three epochs.
func longer(entry string) string { return strings.Replace(entry, "epochs: 2", "epochs: 3", 1) }

// TestResumeAnywhere interrupts runs after every third batch, whatever the pass, until they are done, and compares with
// runs that were left alone.
func TestResumeAnywhere(t *testing.T) {
	for name, text := range resumeEntries {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "sts-b" {
				t.Skip("trains several runs more")
			}
			alone, cut := planOf(t, t.TempDir(), text), planOf(t, t.TempDir(), text)
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
func goOnFor(t *testing.T, plan []*Run, batches int) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := inProcess(t, &watcher{})
	countdown := &countingLauncher{Launcher: s.Launcher, left: batches, end: cancel}
	s.Launcher = countdown
	outcomes, err := s.Execute(ctx, plan)
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

func (c *countingLauncher) Launch(ctx context.Context, run *Run, slot int, dead store.Seen, _ Observer) (Outcome, error) {
	return c.Launcher.Launch(ctx, run, slot, dead, &watcher{onStep: func(int) {
		if c.left--; c.left == 0 {
			c.end()
		}
	}})
}

// sameResults compares all that a run leaves and that time does not change.
func sameResults(t *testing.T, a, b *Run) {
	t.Helper()
	for _, name := range []string{store.PredictionsFile, store.MetricsFile} {
		if readRunFile(t, a, name) != readRunFile(t, b, name) {
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
		if x[i].Loss != y[i].Loss || x[i].Val != y[i].Val || x[i].Best != y[i].Best || (x[i].FirstLoss == nil) != (y[i].FirstLoss == nil) {
			t.Errorf("%s: event %+v, after interruptions %+v", a.Name(), x[i], y[i])
		}
	}
	if _, err := os.Stat(filepath.Join(b.Dir, store.ResumeDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: checkpoints to go on from are left after the end (%v)", b.Name(), err)
	}
}

// TestDamagedCheckpoint cuts each file of the newest checkpoint short: the one before is used.
func TestDamagedCheckpoint(t *testing.T) {
	text := suiteText(stsbEntry, "lds+fds", "")
	alone := execute(t, planOf(t, t.TempDir(), text), "done")[0].Run
	for _, damaged := range []string{"*.bin", "checkpoint*.json", stateFile, "*"} {
		run := planOf(t, t.TempDir(), text)[0]
		interruptAt(t, run, 6)
		dirs, err := filepath.Glob(filepath.Join(run.Dir, store.ResumeDir, "0*"))
		if err != nil || len(dirs) != checkpointsKept {
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
		if _, err := inProcess(t, seen).Execute(t.Context(), []*Run{run}); err != nil {
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
func interruptAt(t *testing.T, run *Run, steps int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := inProcess(t, &watcher{onStep: func(n int) {
		if n == steps {
			cancel()
		}
	}})
	s.Launcher.(*Executor).CheckpointEvery = 0
	if outcomes, err := s.Execute(ctx, []*Run{run}); !errors.Is(err, context.Canceled) || outcomes[0].Status.State != store.Interrupted {
		t.Fatalf("outcomes %+v, error %v", outcomes, err)
	}
}

// TestTimeout ends a run that takes too long; the next call goes on from where it was.
func TestTimeout(t *testing.T) {
	run := planOf(t, t.TempDir(), suiteText(stsbEntry, "lds", ""))[0]
	s := inProcess(t, &watcher{onStep: func(n int) {
		if n == 5 {
			time.Sleep(3 * time.Second)
		}
	}})
	s.Launcher.(*Executor).Timeout = 2 * time.Second
	outcomes, err := s.Execute(t.Context(), []*Run{run})
	if err != nil || outcomes[0].Status.State != store.Timeout {
		t.Fatalf("outcomes %+v, error %v", outcomes, err)
	}
	seen := &watcher{}
	if _, err := inProcess(t, seen).Execute(t.Context(), []*Run{run}); err != nil {
		t.Fatal(err)
	}
	if there, err := store.Load(run.Dir); err != nil || there.Status.State != store.Done || seen.steps != 3 || there.Manifest.Attempts != 2 {
		t.Errorf("%+v (%v) after %d more steps, want done after 3 of 8", there.Status, err, seen.steps)
	}
}

// TestNothingToSave: a run that is stopped before its first step leaves no checkpoint, from which a second stage would go on
// without having taken over its first.
func TestNothingToSave(t *testing.T) {
	run := planOf(t, t.TempDir(), suiteText(stsbEntry, "vanilla", ""))[0]
	trainer, err := newTrainer(openGo(t), run, taskOf(t, run))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = trainer.train(ctx, &record{run: run, observer: unobserved{}}, &saver{every: time.Hour, last: time.Now()}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(run.Dir, store.ResumeDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a checkpoint of nothing (%v)", err)
	}
}

// TestDiedAfterTheEnd: a process that dies between the status and the removal of its checkpoints leaves them to the next.
func TestDiedAfterTheEnd(t *testing.T) {
	plan := planOf(t, t.TempDir(), suiteText(stsbEntry, "vanilla", ""))
	execute(t, plan, "done")
	left := checkpointPath(filepath.Join(plan[0].Dir, store.ResumeDir), 1)
	if err := os.MkdirAll(left, 0o777); err != nil {
		t.Fatal(err)
	}
	if !execute(t, plan, "done")[0].Skipped {
		t.Error("it was trained again")
	}
	if _, err := os.Stat(filepath.Dir(left)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its checkpoints are still there (%v)", err)
	}
}
