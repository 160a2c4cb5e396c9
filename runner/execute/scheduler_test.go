package execute

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestTwoSchedulers works on one store with two schedulers of two workers each: no run is done twice, and both wait for
// all.
func TestTwoSchedulers(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	text := strings.Replace(testsuite.Text(strings.Replace(testsuite.STSB, "epochs: 2", "epochs: 6", 1),
		"vanilla, lds, rrt", ""), "[0]", "[0, 1]", 1)
	out := t.TempDir()
	watchers := []*watcher{{}, {}}
	var both sync.WaitGroup
	for _, seen := range watchers {
		runs, scheduler := testruns.Plan(t, out, text), inWorkers(t, 2, seen)
		both.Go(func() {
			outcomes, err := scheduler.Execute(t.Context(), runs)
			if err != nil || len(outcomes) != 6 {
				t.Errorf("%d outcomes, %v", len(outcomes), err)
			}
			for _, o := range outcomes {
				if o.Status.State != store.Done {
					t.Errorf("%s: %+v", o.Run.Name(), o.Status)
				}
			}
		})
	}
	both.Wait()
	runs, err := store.Walk(out)
	if err != nil || len(runs) != 6 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, r := range runs {
		if r.Manifest.Attempts != 1 {
			t.Errorf("%s: %d attempts", r.Dir, r.Manifest.Attempts)
		}
	}
	executed := 0
	for _, seen := range watchers {
		for _, skipped := range seen.skipped {
			if !skipped {
				executed++
			}
		}
	}
	if executed != 6 || len(watchers[0].notes)+len(watchers[1].notes) == 0 {
		t.Errorf("%d executions by both, notes %v, %v", executed, watchers[0].notes, watchers[1].notes)
	}
}

// TestDeadHost: a run that another host had claimed comes back when its beat stands still; one that lives is waited
// for.
func TestDeadHost(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla, lds", ""))
	for _, run := range runs {
		if err := os.MkdirAll(run.Dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := store.WriteJSON(filepath.Join(run.Dir, "claim.7"),
			store.Holder{Host: "other", Space: "other", PID: 1}); err != nil {
			t.Fatal(err)
		}
	}
	seen := &watcher{}
	scheduler := inProcess(t, seen)
	scheduler.Watch.Life = time.Second
	// Half way the other host finishes one of its runs.
	finished := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", ""))
	execute(t, finished, "done")
	time.AfterFunc(20*time.Millisecond, func() {
		_ = os.CopyFS(runs[1].Dir, os.DirFS(finished[0].Dir))
		_ = os.Remove(filepath.Join(runs[1].Dir, "claim.7"))
	})
	outcomes, err := scheduler.Execute(t.Context(), runs)
	if err != nil || outcomes[0].Status.State != store.Done || outcomes[1].Status.State != store.Done {
		t.Fatalf("outcomes %+v, %v", outcomes, err)
	}
	if outcomes[0].Skipped || !outcomes[1].Skipped ||
		strings.Count(strings.Join(seen.notes, "\n"), "process 1 on other works on it") != 2 {
		t.Errorf("outcomes %+v, notes %v: want the first taken over, the second left", outcomes, seen.notes)
	}
}

// TestInterruptedSuite interrupts a suite in worker processes: they save and stop, nothing new starts, nobody is left.
func TestInterruptedSuite(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Setenv(slowEnv, "1") // so that none is done before the interrupt reaches it
	runs := testruns.Plan(t, t.TempDir(), strings.Replace(killText, "lds+fds", "vanilla, lds, lds+fds", 1))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	scheduler := inWorkers(t, 2, &watcher{onEpoch: func(e store.Event) {
		if e.Epoch == 2 {
			cancel()
		}
	}})
	outcomes, err := scheduler.Execute(ctx, runs)
	if !errors.Is(err, context.Canceled) || len(outcomes) != 2 {
		t.Fatalf("outcomes %+v, %v", outcomes, err)
	}
	for _, o := range outcomes {
		if o.Status.State != store.Interrupted {
			t.Errorf("%s: %+v", o.Run.Name(), o.Status)
		}
		if files, _ := filepath.Glob(filepath.Join(o.Run.Dir, "claim.*")); len(files) > 0 {
			t.Errorf("left %v", files)
		}
	}
}

// TestFailedForGood says what another call tries again.
func TestFailedForGood(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		state      store.State
		class      string
		program    string
		checkpoint bool
		want       bool
	}{
		{store.Failed, store.ClassNaN.Name, store.Program(), true, true},
		{store.Failed, store.ClassPanic.Name, store.Program(), true, true},
		{store.Failed, store.ClassPanic.Name, "another", true, false},
		{store.Failed, store.ClassOOM.Name, store.Program(), false, false},
		{store.Failed, store.ClassData.Name, store.Program(), false, false},
		{store.Failed, store.ClassIO.Name, store.Program(), false, false},
		{store.Failed, store.ClassFirstStage.Name, store.Program(), false, false},
		{store.Timeout, "", store.Program(), true, false},
		{store.Timeout, "", store.Program(), false, true},
		{store.Interrupted, "", store.Program(), false, false},
		{store.Stale, "", store.Program(), false, false},
		{store.Done, "", store.Program(), false, false},
	}
	for _, tt := range tests {
		there := store.Run{Dir: filepath.Join(dir, "none"), Status: store.Status{State: tt.state, Class: tt.class},
			Manifest: store.Manifest{Program: tt.program}}
		if tt.checkpoint {
			there.Dir = filepath.Join(dir, "some")
			if err := os.MkdirAll(filepath.Join(there.Dir, store.ResumeDir), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		if got := there.FailedForGood(); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// TestShard: shards are disjoint, make up the plan, and keep first stages with their second.
func TestShard(t *testing.T) {
	runs := testruns.Plan(t, "out", strings.Replace(testsuite.Text(testsuite.STSB, "vanilla, rrt, rrt+lds, lds, fds", ""),
		"[0]", "[0, 1, 2]", 1))
	owner := map[*plan.Run]int{}
	for i := range 4 {
		shard, err := plan.ParseShard(strings.Replace("I/4", "I", string(rune('0'+i)), 1))
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range shard.Of(runs) {
			if _, twice := owner[run]; twice {
				t.Errorf("%s is in two shards", run.Name())
			}
			owner[run] = i
		}
	}
	if len(owner) != len(runs) {
		t.Errorf("%d of %d runs are in shards", len(owner), len(runs))
	}
	for run, shard := range owner {
		if run.First != nil && owner[run.First] != shard {
			t.Errorf("%s is in another shard than its first stage", run.Name())
		}
	}
	for _, bad := range []string{"", "1", "4/4", "-1/4", "1/0", "a/b", "1/4/2", "0/9999999"} {
		if _, err := plan.ParseShard(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
