package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// storedRun is a run of a test's store: hash, state, and the id of its predictions.
type storedRun struct {
	store, method, hash string // the hash is CONFIGURATION or, for a seed other than 1, CONFIGURATION-SEED
	state               State
	predictions         string // id of its rows
	minute              int    // of the status
	claimed             bool   // by this process, which is alive
}

// put writes the run and returns its folder.
func (r storedRun) put(t *testing.T, root string) string {
	t.Helper()
	config, digits, other := strings.Cut(r.hash, "-")
	seed := int64(1)
	if other {
		seed = must(strconv.ParseInt(digits, 10, 64))
	}
	m := manifest(r.method, seed)
	m.Hash, m.Config = r.hash, fmt.Appendf(nil, `{"seed": %d, "lr": %q}`, seed, config)
	var results Results
	if r.state == Done {
		results = someResults
	}
	status := Status{State: r.state, Updated: time.Date(2026, 1, 2, 3, r.minute, 0, 0, time.UTC)}
	dir := writeRun(t, filepath.Join(root, r.store), m, status, results)
	holder := thisProcess()
	if !r.claimed {
		holder.Start = "another process with this PID" // which is gone
	}
	files := map[string]string{
		"." + MetricsFile + ".1.tmp": "half", "resume/000001/state.json": "{}",
		claimPrefix + "1": string(must(json.Marshal(holder))),
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	putPredictions(t, dir, r.predictions, 2)
	return dir
}

// putPredictions writes so many rows, all with the same id.
func putPredictions(tb testing.TB, dir, id string, rows int) {
	tb.Helper()
	all := slices.Repeat([]Prediction{{ID: id, Split: "test", Label: 30, Prediction: 31, Bin: 30}}, rows)
	if err := WritePredictions(filepath.Join(dir, PredictionsFile), slices.Values(all)); err != nil {
		tb.Fatal(err)
	}
}

// predictionsOf returns the id of a run's predictions; "-": there are none.
func predictionsOf(t *testing.T, dir string) string {
	t.Helper()
	id := "-"
	for p, err := range ReadPredictions(filepath.Join(dir, PredictionsFile)) {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err == nil {
			id = p.ID
		}
	}
	return id
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func makeStores(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Mkdir(filepath.Join(root, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// mergeInto merges stores below root into root/dest and returns the number of copied runs; the notes are all of them.
func mergeInto(t *testing.T, root string, stores ...string) (copied int, merge *Merge) {
	t.Helper()
	for i := range stores {
		stores[i] = filepath.Join(root, stores[i])
	}
	merge, err := PlanMerge(filepath.Join(root, "dest"), stores)
	if err != nil {
		t.Fatal(err)
	}
	if len(merge.Problems) > 0 {
		return 0, merge
	}
	copied, notes, err := merge.Execute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	merge.Notes = append(merge.Notes, notes...)
	return copied, merge
}
