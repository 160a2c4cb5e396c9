package store

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

func TestRunDir(t *testing.T) {
	got := RunDir("out", "smoke", "agedb-dir", "lds+fds", 3, "0123456789abcdef")
	if want := filepath.FromSlash("out/smoke/agedb-dir/lds+fds/seed=3/01234567"); got != want {
		t.Errorf("RunDir = %s, want %s", got, want)
	}
}

// A failed write leaves the old content and no temporary file.
func TestWriteFileIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "a.json")
	if err := WriteJSON(path, 1); err != nil {
		t.Fatal(err)
	}
	err := WriteFile(path, func(w io.Writer) error {
		io.WriteString(w, "half")
		return errors.New("disk full")
	})
	if err == nil || !strings.Contains(err.Error(), "a.json: disk full") {
		t.Errorf("error %v, want the file name and the cause", err)
	}
	if err := WriteJSON(path, math.NaN()); err == nil {
		t.Error("a value that JSON cannot hold was accepted")
	}
	if raw, _ := os.ReadFile(path); string(raw) != "1\n" {
		t.Errorf("content %q after the failures, want the old one", raw)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("the folder holds %v, want only a.json", entries)
	}
}

func TestDatasetOf(t *testing.T) {
	meta := datasets.Meta{
		Name: "agedb", Title: "AgeDB-DIR", Modality: datasets.Image, Twin: true, LabelSpace: datasets.AgeSpace(),
		Shots: datasets.AgeShots(),
		Splits: map[datasets.Split]datasets.SplitMeta{
			datasets.Train: {SHA256: "aa", Counts: []int{3, 4}},
			datasets.Test:  {SHA256: "bb", Counts: []int{1, 1}},
		},
	}
	want := Dataset{
		Name: "agedb", Title: "AgeDB-DIR", Modality: datasets.Image, Twin: true, LabelSpace: datasets.AgeSpace(),
		Shots: datasets.AgeShots(), Files: map[string]string{"train": "aa", "test": "bb"}, TrainCounts: []int{3, 4},
	}
	if diff := cmp.Diff(want, DatasetOf(meta)); diff != "" {
		t.Error(diff)
	}
	if DatasetOf(meta).Dense() || !DatasetOf(datasets.Meta{Modality: datasets.Depth}).Dense() {
		t.Error("not exactly depth is dense")
	}
}

// writeRun writes the files of a run and returns its folder.
func writeRun(t *testing.T, out string, m Manifest, s Status, r Results) string {
	t.Helper()
	dir := RunDir(out, m.Suite, m.Benchmark, m.Method, m.Seed, m.Hash)
	files := map[string]any{ManifestFile: m, StatusFile: s}
	if r != nil {
		files[MetricsFile] = r
	}
	for name, v := range files {
		if err := WriteJSON(filepath.Join(dir, name), v); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func manifest(method string, seed int64) Manifest {
	return Manifest{
		Hash: "00112233" + method, Suite: "smoke", Benchmark: "agedb-dir", Scale: "tiny", Method: method, Seed: seed,
		Metrics: []metrics.Metric{metrics.MAE}, Config: json.RawMessage(`{"seed":1}`),
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

var someResults = Results{"test": {metrics.All: {N: 2, Values: map[metrics.Metric]metrics.Value{metrics.MAE: 1.5}}}}

func TestLoad(t *testing.T) {
	out := t.TempDir()
	want := Run{
		Manifest: manifest("lds", 1), Status: Status{State: Done, Seconds: 2}, Results: someResults,
		Events: []Event{{Stage: "encoder", Epoch: 1, Loss: 3}, {Stage: "encoder", Epoch: 2, Loss: 2, Best: true}},
	}
	want.Dir = writeRun(t, out, want.Manifest, want.Status, want.Results)
	for _, e := range want.Events {
		if err := AppendEvent(want.Dir, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(want.Dir)
	if err != nil {
		t.Fatal(err)
	}
	got.Manifest.Config = want.Manifest.Config // the file indents it
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadDamaged(t *testing.T) {
	tests := []struct {
		name   string
		damage func(dir string) error
		want   string // part of the error; empty: no error
	}{
		{"cut manifest", write(ManifestFile, `{"hash": "00`), "manifest.json: damaged JSON"},
		{"empty status", write(StatusFile, ""), "status.json: damaged JSON"},
		{"metrics of another kind", write(MetricsFile, "[1]"), "metrics.json: damaged JSON"},
		{"missing metrics", remove(MetricsFile), "metrics.json: no such file"},
		{"missing manifest", remove(ManifestFile), "manifest.json: no such file"},
		{"damaged event", write(EventsFile, "{}\n{\"epoch\n{}\n"), "events.jsonl: line 2: damaged JSON"},
		{"unfinished event", write(EventsFile, "{}\n{\"epo"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeRun(t, t.TempDir(), manifest("lds", 1), Status{State: Done}, someResults)
			if err := tt.damage(dir); err != nil {
				t.Fatal(err)
			}
			_, err := Load(dir)
			if tt.want == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %q", err, tt.want)
			}
		})
	}
}

func write(name, content string) func(string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644) }
}

func remove(name string) func(string) error {
	return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
}

func TestLoadWithoutStatusIsInterrupted(t *testing.T) {
	dir := writeRun(t, t.TempDir(), manifest("lds", 1), Status{}, nil)
	if err := os.Remove(filepath.Join(dir, StatusFile)); err != nil {
		t.Fatal(err)
	}
	r, err := Load(dir)
	if err != nil || r.Status.State != Interrupted {
		t.Errorf("state %q (%v), want interrupted", r.Status.State, err)
	}
}

func TestAppendEventAfterCrash(t *testing.T) {
	dir := t.TempDir()
	if err := write(EventsFile, "{\"epoch\":1}\n{\"epo")(dir); err != nil {
		t.Fatal(err)
	}
	if err := AppendEvent(dir, Event{Epoch: 2, Val: metrics.Undefined()}); err != nil {
		t.Fatal(err)
	}
	events, err := ReadEvents(dir)
	if err != nil || len(events) != 2 || events[1].Epoch != 2 || events[1].Val.Defined() {
		t.Errorf("events %+v (%v), want epochs 1 and 2, the second without a value", events, err)
	}
}

func TestWalk(t *testing.T) {
	out := t.TempDir()
	for _, m := range []Manifest{manifest("lds", 10), manifest("lds", 2), manifest("fds", 3)} {
		dir := writeRun(t, out, m, Status{State: Failed, Class: "nan"}, nil)
		if err := os.Mkdir(filepath.Join(dir, CheckpointDir), 0o777); err != nil {
			t.Fatal(err)
		}
		// Neither a checkpoint's files nor what a crash left are runs.
		for _, name := range []string{filepath.Join(CheckpointDir, ManifestFile), "." + ManifestFile + ".1.tmp"} {
			if err := write(name, "{")(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	runs, err := Walk(out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Manifest.Method+" "+strconv.FormatInt(r.Manifest.Seed, 10))
	}
	if diff := cmp.Diff([]string{"fds 3", "lds 2", "lds 10"}, got); diff != "" {
		t.Error(diff)
	}
	if single, err := Walk(runs[0].Dir); err != nil || len(single) != 1 {
		t.Errorf("a run's own folder gives %d runs (%v), want 1", len(single), err)
	}
	if _, err := Walk(filepath.Join(out, "nowhere")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("missing root: error %v", err)
	}
	if err := write(ManifestFile, "{")(runs[0].Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Walk(out); err == nil || !strings.Contains(err.Error(), filepath.Join(runs[0].Dir, ManifestFile)) {
		t.Errorf("damaged run: error %v, want its manifest's name", err)
	}
}

func TestSelectionText(t *testing.T) {
	for text, want := range map[string]Selection{
		"":                          {},
		"best validation Pearson":   {datasets.Val, metrics.Pearson},
		"best test RMSE (official)": {datasets.Test, metrics.RMSE},
	} {
		var got Selection
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%q: %+v, %v, text %q", text, got, err, got)
		}
	}
	if err := new(Selection).UnmarshalText([]byte("best validation loss")); err == nil {
		t.Error("a selection by loss was read")
	}
}
