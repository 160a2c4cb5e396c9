package runner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

func TestExecuteWritesTheStore(t *testing.T) {
	run := execute(t, planOf(t, t.TempDir(), suiteText(stsbEntry, "lds", "")), "done")[0].Run
	there, err := store.Load(run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	m := there.Manifest
	if m.Hash != run.Hash || m.Method != "lds" || m.Attempts != 1 || !m.Dataset.Twin || m.Seeds[seedInit] == 0 || m.GoVersion == "" {
		t.Errorf("manifest %+v", m)
	}
	if len(there.Events) != 2 || there.Events[1].Epoch != 2 || there.Events[0].Stage != encoderScope {
		t.Errorf("events %+v, want one for each of 2 epochs", there.Events)
	}
	if first := there.Events[0].FirstLoss; first == nil || !first.Defined() || there.Events[1].FirstLoss != nil {
		t.Errorf("first losses %v and %v, want one in the first event", first, there.Events[1].FirstLoss)
	}
	if n, want := there.Results["test"]["all"].N, run.dataset.Meta.Splits[datasets.Test].Rows; n != want {
		t.Errorf("results of %d test samples, want %d", n, want)
	}
	if _, err := readSnapshot(filepath.Join(run.Dir, store.CheckpointDir)); err != nil {
		t.Error(err)
	}
}

func TestExecuteSkipsWhatIsDone(t *testing.T) {
	out, text := t.TempDir(), suiteText(stsbEntry, "vanilla, rrt", "")
	first := execute(t, planOf(t, out, text), "done", "done")
	manifest := readRunFile(t, first[0].Run, store.ManifestFile)
	for _, o := range execute(t, planOf(t, out, text), "done", "done") {
		if !o.Skipped {
			t.Errorf("%s was executed again", o.Run.Name())
		}
	}
	if readRunFile(t, first[0].Run, store.ManifestFile) != manifest {
		t.Error("the manifest of a finished run changed")
	}
	changed := execute(t, planOf(t, out, suiteText(stsbEntry, "vanilla", ", lr: 0.01")), "done")[0]
	if changed.Skipped || changed.Run.Dir == first[0].Run.Dir {
		t.Errorf("a changed configuration: skipped %v, folder %s", changed.Skipped, changed.Run.Dir)
	}
}

// TestExecuteAgainIsTheSame trains the same runs twice from nothing.
func TestExecuteAgainIsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("trains several runs more")
	}
	for _, entry := range []string{agedbEntry, stsbEntry} {
		text := suiteText(entry, "lds+fds, rrt", "")
		once := execute(t, planOf(t, t.TempDir(), text), "done", "done", "done")
		again := execute(t, planOf(t, t.TempDir(), text), "done", "done", "done")
		for i := range once {
			a, b := once[i].Run, again[i].Run
			if readRunFile(t, a, store.PredictionsFile) != readRunFile(t, b, store.PredictionsFile) {
				t.Errorf("%s: other predictions the second time", a.Name())
			}
		}
	}
}

func TestExecuteRefusesForeignFolder(t *testing.T) {
	run := planOf(t, t.TempDir(), suiteText(stsbEntry, "lds", ""))[0]
	foreign := execute(t, planOf(t, t.TempDir(), suiteText(stsbEntry, "lds", ", lr: 0.5")), "done")[0].Run
	if err := os.CopyFS(run.Dir, os.DirFS(foreign.Dir)); err != nil {
		t.Fatal(err)
	}
	status := execute(t, []*Run{run}, "failed io")[0].Status
	if !strings.Contains(status.Message, run.Dir+" holds a run of another configuration") {
		t.Errorf("status %+v", status)
	}
	for _, name := range []string{store.ManifestFile, store.StatusFile, store.PredictionsFile, store.MetricsFile, store.EventsFile} {
		if readRunFile(t, run, name) != readRunFile(t, foreign, name) {
			t.Errorf("%s was overwritten", name)
		}
	}
}

func TestExecuteDamagedManifest(t *testing.T) {
	run := planOf(t, t.TempDir(), suiteText(stsbEntry, "lds", ""))[0]
	if err := os.MkdirAll(run.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run.Dir, store.ManifestFile), []byte(`{"hash": `), 0o644); err != nil {
		t.Fatal(err)
	}
	status := execute(t, []*Run{run}, "failed io")[0].Status
	if !strings.Contains(status.Message, store.ManifestFile) {
		t.Errorf("status %+v, want a message that names %s", status, store.ManifestFile)
	}
	if got := readRunFile(t, run, store.ManifestFile); got != `{"hash": ` {
		t.Errorf("the damaged manifest became %q", got)
	}
}

// TestExecuteInterrupted ends the context with the first epoch, then goes on, and compares with a run that was left alone.
func TestExecuteInterrupted(t *testing.T) {
	text := suiteText(stsbEntry, "vanilla, lds", "")
	plan := planOf(t, t.TempDir(), text)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	outcomes, err := inProcess(t, &watcher{onEpoch: func(store.Event) { cancel() }}).Execute(ctx, plan)
	if !errors.Is(err, context.Canceled) || len(outcomes) != 1 || outcomes[0].Status.State != store.Interrupted {
		t.Fatalf("outcomes %+v, error %v, want one interrupted run and %v", outcomes, err, context.Canceled)
	}
	if there, err := store.Load(plan[0].Dir); err != nil || there.Status.State != store.Interrupted || there.Results != nil {
		t.Fatalf("store: %+v, %v", there, err)
	}
	execute(t, plan, "done", "done")
	there, err := store.Load(plan[0].Dir)
	if err != nil || there.Manifest.Attempts != 2 || len(there.Events) != 2 {
		t.Errorf("%d attempts, %d events (%v), want 2 and 2", there.Manifest.Attempts, len(there.Events), err)
	}
	alone := execute(t, planOf(t, t.TempDir(), text, "*/vanilla/*"), "done")[0].Run
	if readRunFile(t, plan[0], store.PredictionsFile) != readRunFile(t, alone, store.PredictionsFile) {
		t.Error("an interruption changed the predictions")
	}
}

// TestCheckWithoutInterval: training that ends before the first check by CheckEvery is checked at its end.
func TestCheckWithoutInterval(t *testing.T) {
	run := execute(t, planOf(t, t.TempDir(), suiteText(stsbEntry, "fds", ", check_every: 400")), "done")[0].Run
	there, err := store.Load(run.Dir)
	if err != nil || len(there.Events) != 1 || !there.Events[0].Best {
		t.Errorf("events %+v (%v), want one, which is the best", there.Events, err)
	}
}

// TestCheckInterval checks every 3 of 8 steps and stops at the second.
func TestCheckInterval(t *testing.T) {
	run := planOf(t, t.TempDir(), suiteText(stsbEntry, "vanilla", ", check_every: 3, max_checks: 2"))[0]
	seen := &watcher{}
	if _, err := inProcess(t, seen).Execute(t.Context(), []*Run{run}); err != nil {
		t.Fatal(err)
	}
	there, err := store.Load(run.Dir)
	if err != nil || len(there.Events) != 2 || seen.steps != 6 || run.Steps() != 6 {
		t.Errorf("%d checks in %d steps of %d (%v), want 2 in 6", len(there.Events), seen.steps, run.Steps(), err)
	}
}
