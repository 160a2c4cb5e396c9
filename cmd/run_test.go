package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

const interruptedSuite = `
name: mine
seeds: [0]
methods: [vanilla, lds]
benchmarks:
  - benchmark: sts-b-dir
    scale: tiny
    twin: {size: 200}
    recipe: {epochs: 3, batch_size: 64, text: {max_tokens: 8, embedding: 4, hidden: 4}}
`

// interrupter is a stderr that cancels a context as soon as a text goes by, as Ctrl-C would.
type interrupter struct {
	bytes.Buffer
	at     string
	cancel func()
}

func (w *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.at) {
		w.cancel()
	}
	return w.Buffer.Write(p)
}

func TestOtherBuildsNoted(t *testing.T) {
	kept, err := store.Load("../runner/store/testdata/run")
	if err != nil {
		t.Fatal(err)
	}
	there := execute.Outcome{Run: &plan.Run{Dir: kept.Dir}, Status: kept.Status, Skipped: true}
	trained := execute.Outcome{Run: there.Run, Status: kept.Status}
	for program, want := range map[string]string{kept.Manifest.Program: "",
		"edited": "note: 1 run done before by another build"} {
		var stderr bytes.Buffer
		noteOtherBuilds(&stderr, []execute.Outcome{there, trained}, program)
		if got := stderr.String(); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("program %q: %q, want %q", program, got, want)
		}
	}
}

// suiteOptions returns options for a suite in a folder of the test.
func suiteOptions(t *testing.T, suite string) runOptions {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "suite.yaml")
	if err := os.WriteFile(file, []byte(suite), 0o644); err != nil {
		t.Fatal(err)
	}
	return runOptions{suite: file, how: executeOptions{backend: "go", jobs: 1, checkpoints: time.Minute},
		plan: plan.Options{Data: filepath.Join(dir, "data"), Out: filepath.Join(dir, "results")}}
}

func TestRunInterrupted(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	progress := &interrupter{at: "lds/seed=0: trains", cancel: cancel}
	err := runSuite(ctx, o, &out, progress)
	if exitCode(err) != exitInterrupted || !strings.Contains(err.Error(), "the same command goes on from here") {
		t.Errorf("exit code %d, error %v, want %d and how to go on", exitCode(err), err, exitInterrupted)
	}
	if out.Len() != 0 || !strings.Contains(progress.String(), "interrupted") {
		t.Errorf("stdout %q, stderr %q", out.String(), progress.String())
	}

	progress = &interrupter{at: "\x00"}
	if err := runSuite(t.Context(), o, &out, progress); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(progress.String(), "done before"); got != 1 ||
		!strings.Contains(out.String(), "| lds     | 1 |") {
		t.Errorf("%d runs done before, want 1; table %s", got, out.String())
	}
}

// TestRunForeignFolder: a folder whose manifest has another hash is a failed run and stays as it is; the others go on.
func TestRunForeignFolder(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	runs, err := loadPlan(o, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(runs[0].Dir, store.ManifestFile)
	if err := os.MkdirAll(runs[0].Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := store.WriteJSON(manifest, store.Manifest{Hash: runs[0].Hash[:8] + "00"}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var tables, progress bytes.Buffer
	err = runSuite(t.Context(), o, &tables, &progress)
	if exitCode(err) != exitRunsFailed || !strings.Contains(progress.String(), "holds a run of another configuration") {
		t.Errorf("exit code %d, error %v, progress %s", exitCode(err), err, progress.String())
	}
	if !strings.Contains(tables.String(), "| lds    | 1 |") {
		t.Errorf("the other run is missing: %s", tables.String())
	}
	if after, _ := os.ReadFile(manifest); !bytes.Equal(before, after) {
		t.Error("the manifest was overwritten")
	}
	if entries, _ := os.ReadDir(runs[0].Dir); len(entries) != 1 {
		t.Errorf("%d files in the folder, want the manifest alone", len(entries))
	}
}

func TestExitCode(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{usagef("x"), 2},
		{errors.Join(errors.New("x"), usagef("y")), 2},
		{errRunsFailed, 3},
		{errInterrupted, 130},
	}
	for _, tt := range tests {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}
