package execute

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

func TestExecuteWritesTheStore(t *testing.T) {
	run := execute(t, testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", "")), "done")[0].Run
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	m := there.Manifest
	if m.Hash != run.Hash || m.Method != "lds" || m.Attempts != 1 || !m.Dataset.Twin || m.Seeds["init"] == 0 ||
		m.GoVersion == "" {
		t.Errorf("manifest %+v", m)
	}
	if len(there.Events) != 2 || there.Events[1].Epoch != 2 || there.Events[0].Stage != "encoder" {
		t.Errorf("events %+v, want one for each of 2 epochs", there.Events)
	}
	if first := there.Events[0].FirstLoss; first == nil || !first.Defined() || there.Events[1].FirstLoss != nil {
		t.Errorf("first losses %v and %v, want one in the first event", first, there.Events[1].FirstLoss)
	}
	if n, want := there.Results["test"][metrics.All].N, run.Dataset.Meta.Splits[datasets.Test].Rows; n != want {
		t.Errorf("results of %d test samples, want %d", n, want)
	}
	if files, err := os.ReadDir(filepath.Join(run.Dir, store.CheckpointDir)); err != nil || len(files) == 0 {
		t.Errorf("checkpoint: %v, %v", files, err)
	}
}

func TestExecuteSkipsWhatIsDone(t *testing.T) {
	out, text := t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla, rrt", "")
	first := execute(t, testruns.Plan(t, out, text), "done", "done")
	manifest := testruns.ReadFile(t, first[0].Run, store.ManifestFile)
	for _, o := range execute(t, testruns.Plan(t, out, text), "done", "done") {
		if !o.Skipped {
			t.Errorf("%s was executed again", o.Run.Name())
		}
	}
	if testruns.ReadFile(t, first[0].Run, store.ManifestFile) != manifest {
		t.Error("the manifest of a finished run changed")
	}
	changed := execute(t, testruns.Plan(t, out, testsuite.Text(testsuite.STSB, "vanilla", ", lr: 0.01")), "done")[0]
	if changed.Skipped || changed.Run.Dir == first[0].Run.Dir {
		t.Errorf("a changed configuration: skipped %v, folder %s", changed.Skipped, changed.Run.Dir)
	}
}

// TestExecuteAgainIsTheSame trains the same runs twice from nothing.
func TestExecuteAgainIsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("trains several runs more")
	}
	for _, entry := range []string{testsuite.Agedb, testsuite.STSB} {
		text := testsuite.Text(entry, "lds+fds, rrt", "")
		once := execute(t, testruns.Plan(t, t.TempDir(), text), "done", "done", "done")
		again := execute(t, testruns.Plan(t, t.TempDir(), text), "done", "done", "done")
		for i := range once {
			a, b := once[i].Run, again[i].Run
			if testruns.ReadFile(t, a, store.PredictionsFile) != testruns.ReadFile(t, b, store.PredictionsFile) {
				t.Errorf("%s: other predictions the second time", a.Name())
			}
		}
	}
}

func TestExecuteRefusesForeignFolder(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", ""))[0]
	foreign := execute(t, testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", ", lr: 0.5")), "done")[0].Run
	if err := os.CopyFS(run.Dir, os.DirFS(foreign.Dir)); err != nil {
		t.Fatal(err)
	}
	status := execute(t, []*plan.Run{run}, "failed io")[0].Status
	if !strings.Contains(status.Message, run.Dir+" holds a run of another configuration") {
		t.Errorf("status %+v", status)
	}
	for _, name := range []string{store.ManifestFile, store.StatusFile, store.PredictionsFile, store.MetricsFile,
		store.EventsFile} {
		if testruns.ReadFile(t, run, name) != testruns.ReadFile(t, foreign, name) {
			t.Errorf("%s was overwritten", name)
		}
	}
}

func TestExecuteDamagedManifest(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "lds", ""))[0]
	if err := os.MkdirAll(run.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run.Dir, store.ManifestFile), []byte(`{"hash": `), 0o644); err != nil {
		t.Fatal(err)
	}
	status := execute(t, []*plan.Run{run}, "failed io")[0].Status
	if !strings.Contains(status.Message, store.ManifestFile) {
		t.Errorf("status %+v, want a message that names %s", status, store.ManifestFile)
	}
	if got := testruns.ReadFile(t, run, store.ManifestFile); got != `{"hash": ` {
		t.Errorf("the damaged manifest became %q", got)
	}
}

// TestExecuteInterrupted ends the context with the first epoch, then goes on, and compares with a run that was left
// alone.
func TestExecuteInterrupted(t *testing.T) {
	text := testsuite.Text(testsuite.STSB, "vanilla, lds", "")
	runs := testruns.Plan(t, t.TempDir(), text)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	outcomes, err := inProcess(t, &watcher{onEpoch: func(store.Event) { cancel() }}).Execute(ctx, runs)
	if !errors.Is(err, context.Canceled) || len(outcomes) != 1 || outcomes[0].Status.State != store.Interrupted {
		t.Fatalf("outcomes %+v, error %v, want one interrupted run and %v", outcomes, err, context.Canceled)
	}
	if there, err := store.Load(runs[0].Dir); err != nil || there.Status.State != store.Interrupted ||
		there.Results != nil {
		t.Fatalf("store: %+v, %v", there, err)
	}
	execute(t, runs, "done", "done")
	there, err := store.Load(runs[0].Dir)
	if err != nil || there.Manifest.Attempts != 2 || len(there.Events) != 2 {
		t.Errorf("%d attempts, %d events (%v), want 2 and 2", there.Manifest.Attempts, len(there.Events), err)
	}
	alone := execute(t, testruns.Plan(t, t.TempDir(), text, "*/vanilla/*"), "done")[0].Run
	if testruns.ReadFile(t, runs[0], store.PredictionsFile) != testruns.ReadFile(t, alone, store.PredictionsFile) {
		t.Error("an interruption changed the predictions")
	}
}

// TestCheckWithoutInterval: training that ends before the first check by CheckEvery is checked at its end.
func TestCheckWithoutInterval(t *testing.T) {
	run := execute(t, testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "fds", ", check_every: 400")),
		"done")[0].Run
	there, err := store.Load(run.Dir)
	if err != nil || len(there.Events) != 1 || !there.Events[0].Best {
		t.Errorf("events %+v (%v), want one, which is the best", there.Events, err)
	}
}

// TestCheckInterval checks every 3 of 8 steps and stops at the second.
func TestCheckInterval(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ", check_every: 3, max_checks: 2"))[0]
	seen := &watcher{}
	if _, err := inProcess(t, seen).Execute(t.Context(), []*plan.Run{run}); err != nil {
		t.Fatal(err)
	}
	there, err := store.Load(run.Dir)
	if err != nil || len(there.Events) != 2 || seen.steps != 6 || run.Steps() != 6 {
		t.Errorf("%d checks in %d steps of %d (%v), want 2 in 6", len(there.Events), seen.steps, run.Steps(), err)
	}
}
