package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/speed"
)

// TestBenchFigures: every figure of a row is there, and none is impossible.
func TestBenchFigures(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(mainEnv, "1")
	o := benchOptions{benchmarks: []string{"agedb-dir"}, scales: []string{"tiny"}, backends: []string{"go"}, json: true,
		program: program, order: speed.BenchOrder{Data: t.TempDir(), Steps: 5, TwinSize: 200, Batch: 16}}
	var stdout, stderr bytes.Buffer
	if err := runBench(t.Context(), o, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var rows []map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v: %s", err, &stdout)
	}
	for name, most := range map[string]float64{
		"batch": 16, "compile_seconds": 1e3, "step_seconds": 1e3, "steps_per_second": 1e6, "samples_per_second": 1e6,
		"gflop_per_step": 1e3, "gflops": 1e6, "peak_gflops": 1e6, "peak_share": 10, "pipeline_first": 1e9,
		"pipeline_later": 1e9, "pipeline_float": 1e9, "peak_bytes": 1e12,
	} {
		if v, ok := rows[0][name].(float64); !ok || !(v > 0) || v > most {
			t.Errorf("%s is %v, want a number above 0 and up to %g", name, rows[0][name], most)
		}
	}
	for _, name := range []string{"overhead", "fds_pass", "fds_online"} {
		if v, ok := rows[0][name].(float64); !ok || v < -1 || v > 100 {
			t.Errorf("%s is %v, want a share", name, rows[0][name])
		}
	}
	if rows[0]["data"] != "twin" || rows[0]["benchmark"] != "agedb-dir" {
		t.Errorf("measured %v on %v", rows[0]["benchmark"], rows[0]["data"])
	}
}

// TestBenchMethods: a line for each stage that is not vanilla's, and one for what cannot be measured there.
func TestBenchMethods(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(mainEnv, "1")
	o := benchOptions{benchmarks: []string{"agedb-dir"}, scales: []string{"tiny"}, backends: []string{"go"}, json: true,
		program: program, methods: []string{"rrt+ranksim", "smoter"},
		order: speed.BenchOrder{Data: t.TempDir(), Steps: 5, TwinSize: 200, Batch: 16}}
	var stdout, stderr bytes.Buffer
	if err := runBenchMethods(t.Context(), o, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	var results []speed.MethodsResult
	if err := json.Unmarshal(stdout.Bytes(), &results); err != nil || len(results) != 1 {
		t.Fatalf("%v: %s", err, &stdout)
	}
	var rows []string
	for _, m := range results[0].Methods {
		rows = append(rows, fmt.Sprintf("%s %v %d", m.Method, m.Retrains, m.Batch))
		if !(m.StepSeconds > 0) || !(m.Relative > 0) || m.Relative > 1000 {
			t.Errorf("%s: step %g s, %g of vanilla's", m.Method, m.StepSeconds, m.Relative)
		}
	}
	want := []string{"vanilla false 16", "ranksim false 16", "rrt+ranksim true 16", "smoter false 16"}
	if !slices.Equal(rows, want) {
		t.Errorf("rows %q, want %q", rows, want)
	}
}

// TestBenchInterrupted: a measurement that is stopped leaves nothing behind, though its process may be killed.
func TestBenchInterrupted(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv(mainEnv, "1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil { // until the process has written something
			if found, _ := filepath.Glob(filepath.Join(temporary, "*", ".*.tmp-*")); len(found) > 0 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	order := speed.BenchOrder{Benchmark: "nyud2-dir", Scale: "tiny", Backend: "go", Data: t.TempDir(), Steps: 5,
		TwinSize: 1000}
	if _, err := measure[speed.BenchResult](ctx, program, order); err == nil {
		t.Error("measured to the end")
	}
	if left, err := os.ReadDir(temporary); len(left) > 0 || err != nil {
		t.Errorf("left %v, %v", left, err)
	}
}
