package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// benchRuns and benchEpochs are the size of the stores of the benchmarks: a large sweep of long runs.
const (
	benchRuns   = 10_000
	benchEpochs = 90
)

// fillStore writes a store of so many finished runs below root: copies of the run in testdata, each with a seed, a hash
// and as many events as a long training has.
func fillStore(tb testing.TB, root string, runs int) {
	tb.Helper()
	model, err := Load("testdata/run")
	if err != nil {
		tb.Fatal(err)
	}
	var events bytes.Buffer
	for epoch := range benchEpochs {
		event := model.Events[epoch%len(model.Events)]
		event.Epoch = epoch + 1
		line, err := json.Marshal(event)
		if err != nil {
			tb.Fatal(err)
		}
		events.Write(append(line, '\n'))
	}
	metrics, err := os.ReadFile("testdata/run/metrics.json")
	if err != nil {
		tb.Fatal(err)
	}
	samples := 0
	for _, scores := range model.Results {
		samples += scores[datasets.All].N
	}
	putPredictions(tb, root, "sample", samples)
	predictions, err := os.ReadFile(filepath.Join(root, PredictionsFile))
	if err == nil {
		err = os.Remove(filepath.Join(root, PredictionsFile))
	}
	if err != nil {
		tb.Fatal(err)
	}
	for i := range runs {
		m := model.Manifest
		m.Method, m.Seed = []string{"vanilla", "lds", "fds", "lds+fds"}[i%4], int64(i/4)
		m.Hash = fmt.Sprintf("%08x%s", i, m.Hash[8:])
		m.Config = json.RawMessage(strings.Replace(string(m.Config), `"seed": 0`, fmt.Sprintf(`"seed": %d`, m.Seed), 1))
		manifest, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			tb.Fatal(err)
		}
		dir := RunDir(root, m.Suite, m.Benchmark, m.Method, m.Seed, m.Hash)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			tb.Fatal(err)
		}
		for name, content := range map[string][]byte{
			ManifestFile: manifest, MetricsFile: metrics, EventsFile: events.Bytes(),
			StatusFile: []byte(`{"state": "done", "seconds": 6.5}`), PredictionsFile: predictions,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// BenchmarkOpen opens a store of 10,000 finished runs of 90 epochs, which is to take less than 5 s.
func BenchmarkOpen(b *testing.B) {
	root := b.TempDir()
	fillStore(b, root, benchRuns)
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			runs, damaged, err := Scan(root)
			if err != nil || len(runs) != benchRuns || len(damaged) > 0 {
				b.Fatalf("%d runs, %d damaged: %v", len(runs), len(damaged), err)
			}
		}
	})
	b.Run("walk", func(b *testing.B) {
		for b.Loop() {
			if runs, err := Walk(root); err != nil || len(runs) != benchRuns {
				b.Fatalf("%d runs: %v", len(runs), err)
			}
		}
	})
}
