package reports

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// withStatus is a run that ended, or did not end, in some way.
func withStatus(method string, seed int64, status store.Status) store.Run {
	r := testRun(method, seed, 6, 7, 8)
	r.Manifest.Attempts = 1 + int(seed)
	r.Status, r.Results = status, nil
	return r
}

// TestNotDoneGolden has a row for every way in which a run is not done; the row of a method stays in its table.
func TestNotDoneGolden(t *testing.T) {
	runs := []store.Run{
		testRun("vanilla", 0, 6, 7, 8),
		withStatus("vanilla", 1, store.Status{State: store.Failed, Class: "nan",
			Message: "training diverged: loss NaN in epoch 2"}),
		withStatus("inv", 0, store.Status{State: store.Failed, Class: "oom", Message: "killed at 4.0 GiB\ngoroutine 1"}),
		withStatus("inv", 1, store.Status{State: store.Failed, Class: "panic",
			Message: "Reshape | of " + strings.Repeat("é", 200)}),
		withStatus("inv", 2, store.Status{State: store.Failed, Class: "data", Message: "data/agedb/train.parquet: changed"}),
		withStatus("inv", 3, store.Status{State: store.Failed, Class: "io", Message: "no space left on device"}),
		withStatus("inv", 4, store.Status{State: store.Failed, Class: "error", Message: "backend: lost"}),
		withStatus("rrt", 0, store.Status{State: store.Failed, Class: "first-stage",
			Message: "agedb-dir/vanilla/seed=1: did not finish"}),
		withStatus("lds", 0, store.Status{State: store.Timeout, Message: "over 2h0m0s"}),
		withStatus("lds", 1, store.Status{State: store.Interrupted}),
		withStatus("lds", 2, store.Status{State: store.Stale, Message: "host1, process 42, is gone"}),
		withStatus("lds", 3, store.Status{State: store.Running}),
	}
	damaged := []store.DamagedRun{
		{Dir: "results/smoke/agedb-dir/fds/seed=0/0011", Manifest: testRun("fds", 0, 6, 7, 8).Manifest,
			Err: errors.New("status.json: damaged JSON")},
		{Dir: "results/smoke/agedb-dir/fds/seed=1/0022", Err: errors.New("manifest.json: damaged JSON")},
		{Dir: "results/locked", Err: fmt.Errorf("open results/locked: %w", fs.ErrPermission)},
	}
	report, err := New(runs, damaged, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Markdown(&out, report.Document()); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "not_done", out.String())
	if got := report.NotDone[2]; len([]rune(got.Message)) != 213 || got.Dir != "results/inv/1" || got.Hash == "" ||
		got.Suite != "smoke" {
		t.Errorf("%+v: want the whole message, folder, hash and suite", got)
	}
}

// A run of a general benchmark is named with its dataset, as --only takes it.
func TestNotDoneNames(t *testing.T) {
	published := withStatus("lds", 0, store.Status{State: store.Interrupted})
	general := published
	general.Manifest.Benchmark, general.Manifest.Dataset.Name, general.Manifest.Dataset.Modality = "image", "prices",
		datasets.Image
	list := ListNotDone([]store.Run{published, general},
		[]store.DamagedRun{{Manifest: general.Manifest, Err: errors.New("damaged")}})
	for i, want := range []string{"agedb-dir/lds/seed=0", "image:prices/lds/seed=0", "image:prices/lds/seed=0"} {
		if got := list[i].Run; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A run that was stopped by its time limit goes on by itself if it saved a checkpoint.
func TestTimeoutNext(t *testing.T) {
	r := withStatus("lds", 0, store.Status{State: store.Timeout})
	r.Dir = t.TempDir()
	const without = "run the suite again with --retry-failed and a longer --timeout"
	if got := ListNotDone([]store.Run{r}, nil)[0].Next; got != without {
		t.Errorf("without a checkpoint: %q, want %q", got, without)
	}
	if err := os.Mkdir(filepath.Join(r.Dir, store.ResumeDir), 0o777); err != nil {
		t.Fatal(err)
	}
	const with = "run the suite again: it goes on from its checkpoint"
	if got := ListNotDone([]store.Run{r}, nil)[0].Next; got != with {
		t.Errorf("with a checkpoint: %q, want %q", got, with)
	}
}

// A report of done runs ends with its tables; one without tables begins with the runs that are not done.
func TestReportParts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		runs    []store.Run
		damaged []store.DamagedRun
		begins  string
		notDone bool
	}{
		{"done", []store.Run{testRun("lds", 0, 6, 7, 8)}, nil, "## AgeDB-DIR\n", false},
		{"damaged", nil, []store.DamagedRun{{Dir: "x", Err: errors.New("y")}}, "## Runs that are not done: 1\n", true},
	} {
		report, err := New(tt.runs, tt.damaged, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := Markdown(&out, report.Document()); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.HasPrefix(got, tt.begins) || strings.Contains(got, "not done") != tt.notDone {
			t.Errorf("%s:\n%s", tt.name, got)
		}
	}
}
