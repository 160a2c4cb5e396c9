package train

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/plan"
)

// TestTableIsKept: a table is read once for runs that follow one another, and again after another one or a change of
// its files.
func TestTableIsKept(t *testing.T) {
	data := t.TempDir()
	for _, name := range []string{"real-estate", "auto-mpg"} {
		if err := convert.Embedded(name, data); err != nil {
			t.Fatal(err)
		}
	}
	runs := testruns.PlanWith(t, `
name: s
seeds: [0, 1]
methods: [vanilla]
benchmarks: [{benchmark: table, scale: tiny, dataset: real-estate}, {benchmark: table, scale: tiny, dataset: auto-mpg}]
`, plan.Options{Out: t.TempDir(), Data: data})
	first, second, other := runs[0], runs[1], runs[2]
	if first.Data != second.Data || first.Data == other.Data {
		t.Fatalf("the runs are %s", testruns.Names(runs))
	}
	loaded := taskOf(t, first)
	if taskOf(t, second) != loaded {
		t.Error("the second run of a table read it again")
	}
	if taskOf(t, other) == loaded {
		t.Error("another table is the first one")
	}
	loaded = taskOf(t, first)
	file := filepath.Join(data, "real-estate", "val.parquet")
	if err := os.Chtimes(file, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if taskOf(t, first) == loaded {
		t.Error("a table whose file was written anew was not read again")
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadTask(t.Context(), second, Silent{}); err == nil {
		t.Error("a table whose file is damaged was not read again")
	}
}
