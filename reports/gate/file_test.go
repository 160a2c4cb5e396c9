package gate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

func write(t *testing.T, b *Baseline) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "baseline.json")
	if err := b.Write(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestWriteRead(t *testing.T) {
	runs := concat(old(), cellRuns("fds", 0, 9))
	runs = setRegion(runs, metrics.Pearson, datasets.Few, 0.5, 0.5, 0.5, 0.5, 0.5, 0.7)
	path, first := write(t, mustNew(t, runs))
	back, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if r := mustCompare(t, back, runs, DefaultOptions()); r.Failed {
		t.Errorf("the runs of the baseline itself fail: %v", verdictsOf(r))
	}
	// The order of the runs leaves no trace.
	runs[0], runs[3], runs[5] = runs[5], runs[0], runs[3]
	if _, second := write(t, mustNew(t, runs)); !bytes.Equal(first, second) {
		t.Errorf("another order of runs changes the file:\n%s", cmp.Diff(string(first), string(second)))
	}
	if back.Cells[0].Method != "fds" || back.Cells[1].Seeds() != 5 ||
		back.Cells[0].Metrics[metrics.MAE][metrics.All].Std.Defined() {
		t.Errorf("cells %+v", back.Cells)
	}
}

func TestLacking(t *testing.T) {
	all, part := mustNew(t, concat(old(), cellRuns("fds", 0, 9), cellRuns("vanilla", 0, 9))), mustNew(t, old())
	if a, b := part.Lacking(all), all.Lacking(part); a != 2 || b != 0 {
		t.Errorf("the part lacks %d cells, the whole %d: want 2 and 0", a, b)
	}
}

func TestDamagedFiles(t *testing.T) {
	_, content := write(t, mustNew(t, old()))
	good := string(content)
	tests := []struct {
		name, from, to string
		want           string
	}{
		{"cut short", good[len(good)/2:], "", "damaged JSON (unexpected end of JSON input)"},
		{"another schema", `"schema": 1`, `"schema": 2`, "schema: 2: expected 1"},
		{"an unknown field", `"suite"`, `"sweet"`, `damaged JSON (json: unknown field "sweet")`},
		{"no suite", `"suite": "ci"`, `"suite": ""`, "suite: missing"},
		{"a wrong type", `"n": 5`, `"n": "5"`, "damaged JSON (json: cannot unmarshal string into Go struct field "},
		{"n", `"n": 5`, `"n": 6`, "cells[0] (agedb-dir/lds): metrics.mae.all.n: 6: expected 5, the number of values"},
		{"mean", `"mean": 10,`, `"mean": 11,`,
			"cells[0] (agedb-dir/lds): metrics.mae.all.mean: 11: expected 10, the mean of the values"},
		{"std", `"std": 0.0`, `"std": 0.1`, "cells[0] (agedb-dir/lds): metrics.mae.all.std: 0.1"},
		{"a value", `"4": 9.95`, `"4": 19.95`, "cells[0] (agedb-dir/lds): metrics.mae.all.mean: 10: expected 12"},
		{"a metric", `"pearson"`, `"person"`, `cells[0] (agedb-dir/lds): metrics: unknown metric "person"`},
		{"a region", "\"few\": {", "\"fewer\": {", `damaged JSON (region "fewer": expected all, many, medium or few)`},
		{"a size", `"many": 60,`, `"many": -1,`, "cells[0] (agedb-dir/lds): test_sizes.many: expected the number of samples"},
		{"a hash", `"config": "`, `"config": "0`, "cells[0] (agedb-dir/lds): config: "},
		{"a method", `"method": "lds"`, `"method": ""`, "cells[0] (agedb-dir/): method: missing"},
	}
	for _, tt := range tests {
		if !strings.Contains(good, tt.from) {
			t.Errorf("%s: the file has no %q", tt.name, tt.from)
		}
		path := filepath.Join(t.TempDir(), "baseline.json")
		if err := os.WriteFile(path, []byte(strings.Replace(good, tt.from, tt.to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.HasPrefix(err.Error(), path+": "+tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %s: %s", tt.name, err, path, tt.want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.json")); err == nil ||
		!strings.Contains(err.Error(), "--update writes one") {
		t.Errorf("no file: error %v", err)
	}
}

func TestRunsThatMakeNoBaseline(t *testing.T) {
	tests := []struct {
		name string
		runs []store.Run
		want string
	}{
		{"a failed run", change(old(), func(r *store.Run) { r.Status = store.Status{State: store.Failed, Class: "oom"} }),
			"results/ci/agedb-dir/lds/seed=0: failed (oom): expected finished runs only"},
		{"no scores", change(old(), func(r *store.Run) { r.Results = store.Results{} }), "seed=0: without test scores"},
		{"two suites", append(old(), change(old(), func(r *store.Run) { r.Manifest.Suite = "smoke" })...),
			"runs of the suites ci and smoke"},
		{"two configurations", append(old(), change(old(), func(r *store.Run) { r.Manifest.Dataset.Files = nil })...),
			"agedb-dir/lds: runs of the configurations "},
		{"two versions of the code", append(old(),
			change(cellRuns("lds", 9, 1), func(r *store.Run) { moveSample(r, datasets.Few, datasets.Many) })...),
			"seed=9: other region sizes than in results/ci/agedb-dir/lds/seed=0"},
		{"no first loss", change(old(), func(r *store.Run) { r.Events = nil }), "seed=0/events.jsonl: no first_loss: "},
		{"no training counts", change(old(), func(r *store.Run) { r.Manifest.Dataset.Shots.ManyBins = []int{200} }),
			"results/ci/agedb-dir/lds/seed=0/manifest.json: dataset: shot rule: bin 200 is outside 0..120"},
	}
	for _, tt := range tests {
		if _, err := New(tt.runs); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"schema": 1, "suite": "ci", "commits": [], "backends": [], "cells": [{"benchmark": "a", "method": "b", "config": "01234567"}]}`))
	f.Add([]byte(`{"schema": 1, "cells": [{"metrics": {"mae": {"all": {"values": {"0": 1e308, "1": 1e308}, "n": 2}}}}]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := parse(content)
		if err != nil {
			return
		}
		// What is accepted can be compared with anything.
		if _, err := b.Compare(old(), DefaultOptions()); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	})
}

// The committed baseline is read, and written as it is.
func TestCommittedBaseline(t *testing.T) {
	committed := filepath.Join("..", "..", "ci", "baseline.json")
	b, err := Read(committed)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "baseline.json")
	if err := b.Write(copied); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile(committed)
	if got, _ := os.ReadFile(copied); !bytes.Equal(got, want) {
		t.Error("a baseline that was read is written otherwise")
	}
}
