package gate

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// movedRuns are runs with a row of nearly every kind against the baseline of sixCells.
func movedRuns() []store.Run {
	lds := setRegion(old(), metrics.MAE, datasets.Few, 13, 13.1, 12.9, 13.1, 13)
	lds = setRegion(lds, metrics.Pearson, datasets.Many, 0.6, 0.61, 0.605, 0.61, 0.6)
	lds = setRegion(lds, metrics.MAE, datasets.Medium, 10.8, 10.9, 10.7, 10.85, 10.75)
	vanilla := change(cellRuns("vanilla", 0, 10, 10.1, 9.9), func(r *store.Run) { r.Events[0].FirstLoss = lossOf(20) })
	fds := cellRuns("fds", 0, 10, 10.1)
	rrt := cellRuns("rrt", 0, 10, 10.1, 9.9)
	rrt[1].Status, rrt[1].Results = store.Status{State: store.Failed, Class: "nan"}, nil
	inv := change(cellRuns("inv", 0, 10, 10.1, 9.9),
		func(r *store.Run) { r.Manifest.Config = json.RawMessage(`{"epochs": 9}`) })
	extra := cellRuns("a|b", 0, 10)
	return concat(lds, vanilla, fds, rrt, inv, extra)
}

func lossOf(v metrics.Value) *metrics.Value { return &v }

func sixCells() []store.Run {
	return concat(old(), cellRuns("vanilla", 0, 10, 10.1, 9.9), cellRuns("fds", 0, 10, 10.1, 9.9),
		cellRuns("rrt", 0, 10, 10.1, 9.9), cellRuns("inv", 0, 10, 10.1, 9.9), cellRuns("sqinv", 0, 10, 10.1, 9.9))
}

func TestGolden(t *testing.T) {
	tests := []struct {
		name string
		runs []store.Run
	}{
		{"moved", movedRuns()},
		{"nothing", sixCells()},
	}
	base := mustNew(t, sixCells())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			if err := mustCompare(t, base, tt.runs, DefaultOptions()).Markdown(&got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", tt.name+".md")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got); go test -update accepts it:\n%s", path, diff)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := mustCompare(t, mustNew(t, sixCells()), movedRuns(), DefaultOptions()).JSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil {
		t.Fatal(err)
	}
	if first := back.Rows[0]; !back.Failed || first.Verdict != Protocol || first.Cell != "agedb-dir/vanilla" ||
		first.P.Defined() {
		t.Errorf("report %+v", back)
	}
	if !strings.Contains(out.String(), `"p": null`) || !strings.Contains(out.String(), `"verdict": "regression"`) {
		t.Error(out.String())
	}
}

// Cells of which nothing was compared do not count as compared.
func TestSummary(t *testing.T) {
	base := mustNew(t, concat(old(), cellRuns("fds", 0, 10, 10, 10), cellRuns("vanilla", 0, 10, 10, 10)))
	failed := change(cellRuns("fds", 0, 10, 10, 10), func(r *store.Run) { r.Status.State = store.Failed })
	r := mustCompare(t, base, concat(old(), failed), DefaultOptions())
	want := "Failed: 8 metrics and 14 fingerprints of 1 out of 3 cells compared; rows: runs missing 1, runs failed 1."
	if got := r.Summary(); got != want || r.Cells != 1 || r.Selected != 3 {
		t.Errorf("%s (%d of %d cells), want %s", got, r.Cells, r.Selected, want)
	}
}

func TestOtherProgram(t *testing.T) {
	const old, now = "0123456789abcdef", "aaaabbbbccccdddd"
	for _, tt := range []struct {
		commits []string
		program string
		want    string
	}{
		{[]string{old}, old, ""},
		{[]string{old}, "unknown", ""},
		{[]string{"", "unknown"}, now, ""},
		{[]string{old, now}, now, "note: the runs were made by commit 0123456789ab, this program is commit aaaabbbbcccc: "},
		{[]string{now}, now + "+dirty",
			"note: the runs were made by commit aaaabbbbcccc, this program is commit aaaabbbbcccc+dirty: "},
	} {
		r := Report{Commits: tt.commits}
		if got := r.OtherProgram(tt.program); !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("runs %q, program %s: %q, want %q", tt.commits, tt.program, got, tt.want)
		}
	}
}
