package cmd

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// runCmd runs a command in process and returns its stdout and error.
func runCmd(cmd *cobra.Command, args ...string) (string, error) {
	var out strings.Builder
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&strings.Builder{})
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

// evalStore writes a store with a finished run of four test samples, whose errors are 1, 2, 3 and 0, and one that
// failed. The finished run's metrics.json is out of date.
func evalStore(t *testing.T) (root, runDir string) {
	t.Helper()
	root = t.TempDir()
	m := store.Manifest{
		Hash: "0011223344", Suite: "smoke", Benchmark: "mine", Scale: "tiny", Method: "vanilla", Fidelity: "paper",
		Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
		Metrics:   []metrics.Metric{metrics.MAE, metrics.GM}, Config: json.RawMessage(`{"seed":0}`),
		Dataset: store.Dataset{
			Name: "mine", Title: "Mine", Shots: datasets.AgeShots(), TrainCounts: []int{150, 60, 5},
			LabelSpace: datasets.LabelSpace{Unit: "years", Min: 0, Max: 20, Rule: datasets.BinInteger, Bins: 3, Width: 1},
		},
	}
	rows := []store.Prediction{
		{ID: "a", Split: "test", Label: 0, Prediction: 1, Bin: 0},
		{ID: "b", Split: "test", Label: 1, Prediction: 3, Bin: 1},
		{ID: "c", Split: "test", Label: 2, Prediction: 5, Bin: 2},
		{ID: "d", Split: "test", Label: 2, Prediction: 2, Bin: 2},
	}
	runDir = store.RunDir(root, m.Suite, m.Benchmark, m.Method, m.Seed, m.Hash)
	failedRun := m
	failedRun.Seed, failedRun.Config = 1, json.RawMessage(`{"seed":1}`)
	failedDir := store.RunDir(root, m.Suite, m.Benchmark, m.Method, 1, m.Hash)
	for path, v := range map[string]any{
		filepath.Join(runDir, store.ManifestFile):    m,
		filepath.Join(runDir, store.StatusFile):      store.Status{State: store.Done},
		filepath.Join(runDir, store.MetricsFile):     store.Results{},
		filepath.Join(failedDir, store.ManifestFile): failedRun,
		filepath.Join(failedDir, store.StatusFile):   store.Status{State: store.Failed, Class: "nan"},
	} {
		if err := store.WriteJSON(path, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.WritePredictions(filepath.Join(runDir, store.PredictionsFile), slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	return root, runDir
}

func TestEval(t *testing.T) {
	root, _ := evalStore(t)
	tests := []struct {
		args []string
		row  string // of the table
		text string // elsewhere
	}{
		{nil, "| vanilla | 1 | 1.50 | 1.00 | 2.00 | 1.50 | 1.50 | 0.00 | 1.00 | 2.00 | 0.00 |",
			"vanilla: 1 of 2 seeds failed (nan)"},
		{[]string{"--many", "50", "--few", "10"}, "| vanilla | 1 | 1.50 | 1.50 | — | 1.50 | 1.50 | 0.00 | 1.41 | — | 0.00 |",
			"many above 50, few below 10"},
		{[]string{"--gm-zero", "eps", "--metrics", "mae"}, "| vanilla | 1 | 1.50 | 1.00 | 2.00 | 1.50 |",
			"Test samples: 4 (many 1, medium 1, few 2)"},
		{[]string{"--gm-zero", "eps", "--metrics", "gm", "--json"}, "", `"mean": 0.000017320508`},
	}
	for _, tt := range tests {
		out, err := runCmd(newEvalCmd(), append([]string{root}, tt.args...)...)
		squeezed := strings.Join(strings.Fields(out), " ")
		if err != nil || !strings.Contains(squeezed, tt.row) || !strings.Contains(squeezed, tt.text) {
			t.Errorf("eval %v: error %v, want %q and %q in\n%s", tt.args, err, tt.row, tt.text, out)
		}
	}
}

func TestEvalWrite(t *testing.T) {
	root, dir := evalStore(t)
	before, err := store.Load(dir)
	if err != nil || len(before.Results) != 0 {
		t.Fatalf("results %v (%v) before, want none", before.Results, err)
	}
	if _, err := runCmd(newEvalCmd(), root, "--write"); err != nil {
		t.Fatal(err)
	}
	after, err := store.Load(dir)
	if err != nil || after.Results["test"][datasets.Few].Values[metrics.MAE] != 1.5 {
		t.Errorf("results %v (%v) after", after.Results, err)
	}
}

// A run that cannot be read is a row and exit code 1; nothing is written then.
func TestEvalDamaged(t *testing.T) {
	root, dir := evalStore(t)
	lost := filepath.Join(root, "smoke", "mine", "lds", "seed=0", "00112233")
	if err := store.WriteFile(filepath.Join(lost, store.ManifestFile),
		func(w io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	out, err := runCmd(newEvalCmd(), root)
	if exitCode(err) != exitError || !strings.Contains(err.Error(), filepath.Join(lost, store.ManifestFile)) {
		t.Errorf("exit code %d, error %v, want %d and the manifest", exitCode(err), err, exitError)
	}
	for _, want := range []string{"| vanilla | 1 | 1.50", "mine/lds/seed=0 | — | damaged",
		"mine/vanilla/seed=1 | 00112233 | failed | nan"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if out, err := runCmd(newEvalCmd(), root, "--write"); exitCode(err) != exitError || out != "" {
		t.Errorf("--write: error %v, output %q", err, out)
	}
	if r, err := store.Load(dir); err != nil || len(r.Results) != 0 {
		t.Errorf("results %v (%v): something was written", r.Results, err)
	}
}

func TestEvalRefuses(t *testing.T) {
	root, dir := evalStore(t)
	tests := []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "an argument is missing"},
		{[]string{root, "--many", "50"}, exitUsage, "--many, --few: expected both"},
		{[]string{root, "--many", "-2", "--few", "-3"}, exitUsage, "expected both, many >= few >= 0"},
		{[]string{root, "--many", "5", "--few", "10"}, exitUsage, "many >= few"},
		{[]string{root, "--gm-zero", "one"}, exitUsage, `--gm-zero: unknown zero policy "one"`},
		{[]string{root, "--write", "--gm-zero", "eps"}, exitUsage, "--write keeps to the rules"},
		{[]string{root, "--split", "dev"}, exitUsage, `--split "dev"`},
		{[]string{filepath.Join(root, "nowhere")}, exitError, "nowhere"},
	}
	for _, tt := range tests {
		_, err := runCmd(newEvalCmd(), tt.args...)
		if exitCode(err) != tt.code || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("eval %v: exit code %d, error %v, want %d and %q", tt.args, exitCode(err), err, tt.code, tt.want)
		}
	}
	if err := os.Remove(filepath.Join(dir, store.PredictionsFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := runCmd(newEvalCmd(), root); err == nil || !strings.Contains(err.Error(), store.PredictionsFile) {
		t.Errorf("missing predictions: error %v", err)
	}
}
