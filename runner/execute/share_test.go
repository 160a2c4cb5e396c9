package execute

import (
	"bytes"
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
)

// starts makes worker processes count themselves, and returns how many there have been.
func starts(t *testing.T) func() int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "starts")
	t.Setenv(startsEnv, file)
	return func() int {
		lines, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(lines, []byte("\n"))
	}
}

// sharedText are runs of other methods and seeds on one dataset, and of another one between them.
var sharedText = strings.Replace(testsuite.Text(fmt.Sprintf(testsuite.STSB, "")+strings.TrimPrefix(testsuite.Agedb,
	"\n"),
	"vanilla, lds+fds", ""), "[0]", "[0, 1]", 1)

// TestSharedWorker: runs that one process executes one after another end as each does in a process of its own.
func TestSharedWorker(t *testing.T) {
	if testing.Short() {
		t.Skip("trains many runs")
	}
	started := starts(t)
	shared := testruns.Plan(t, t.TempDir(), sharedText)
	outcomes, err := inWorkers(t, 1, &watcher{}).Execute(t.Context(), shared)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Status.State != store.Done {
			t.Fatalf("%s: %+v", o.Run.Name(), o.Status)
		}
	}
	if n := started(); n != 1 {
		t.Errorf("%d processes for %d runs", n, len(shared))
	}
	alone := testruns.Plan(t, t.TempDir(), sharedText)
	for i, run := range alone {
		if _, err := inWorkers(t, 1, &watcher{}).Execute(t.Context(), []*plan.Run{run}); err != nil {
			t.Fatal(err)
		}
		sameResults(t, run, shared[i])
	}
	if n := started(); n != 1+len(alone) {
		t.Errorf("%d processes, want one more for each of %d runs", n, len(alone))
	}
}

// TestIsolation: a run that fails takes its worker along, and no other run.
func TestIsolation(t *testing.T) {
	started := starts(t)
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla, lds, fds, sqinv", ""))
	runs[1] = runs[1].With(t.TempDir(), func(run *plan.Run) { run.Config.Recipe.LR = 1e9 })
	outcomes, err := inWorkers(t, 1, &watcher{}).Execute(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if want := (i == 1); (o.Status.Class == store.ClassNaN.Name) != want || (o.Status.State == store.Done) == want {
			t.Errorf("%s: %+v", o.Run.Name(), o.Status)
		}
	}
	if n := started(); n != 2 {
		t.Errorf("%d processes, want one up to the run that failed and one after it", n)
	}
}

// TestDeadIdleWorker: a worker that died between two runs costs neither of them anything.
func TestDeadIdleWorker(t *testing.T) {
	started := starts(t)
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla, lds", ""))
	launcher := inWorkers(t, 1, &watcher{}).Launcher.(*Processes)
	defer launcher.Close()
	launcher.CheckpointEvery = time.Hour
	for i, run := range runs {
		outcome, err := launcher.Launch(t.Context(), run, 0, store.Seen{}, &watcher{})
		if err != nil || outcome.Status.State != store.Done {
			t.Fatalf("%+v, %v", outcome, err)
		}
		if i == 0 {
			if err := launcher.idle[0].command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := started(); n != 2 {
		t.Errorf("%d processes, want 2", n)
	}
}
