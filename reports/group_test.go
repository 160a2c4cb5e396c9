package reports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

func TestCompareMethods(t *testing.T) {
	got := []string{"smogn", "rrt+lds", "rrt", "focal-r", "lds+fds", "fds", "lds", "inv", "sqinv", "vanilla", "inv+lds"}
	slices.SortFunc(got, compareMethods)
	want := "vanilla sqinv inv lds fds lds+fds focal-r rrt smogn inv+lds rrt+lds"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("order %s, want %s", s, want)
	}
}

func TestConfigHash(t *testing.T) {
	base := testRun("lds", 0, 1, 1, 1)
	otherData := testRun("lds", 0, 1, 1, 1)
	otherData.Manifest.Dataset.Files = map[string]string{"train": "bb"}
	tests := []struct {
		name string
		run  store.Run
		same bool
	}{
		{"another seed", testRun("lds", 1, 1, 1, 1), true},
		{"another layout", setConfig(base, "{\n \"epochs\":2,\"method\": \"lds\",\n\"seed\":7}"), true},
		{"another value", setConfig(base, `{"epochs": 3, "method": "lds", "seed": 0}`), false},
		{"other data", otherData, false},
		{"imported weights", change([]store.Run{testRun("lds", 0, 1, 1, 1)}, imported)[0], false},
	}
	want, err := base.ConfigHash()
	if err != nil || len(want) != 8 {
		t.Fatalf("hash %q (%v), want 8 digits", want, err)
	}
	for _, tt := range tests {
		if got, err := tt.run.ConfigHash(); err != nil || (got == want) != tt.same {
			t.Errorf("%s: hash %s (%v), the base has %s", tt.name, got, err, want)
		}
	}
	for _, damaged := range []string{"", "[1]", "3"} {
		_, err := Build([]store.Run{setConfig(base, damaged)}, Options{})
		if err == nil || !strings.Contains(err.Error(), "manifest.json: config: expected a JSON object") {
			t.Errorf("config %q: error %v", damaged, err)
		}
	}
}

// Of two copies the finished one counts, whatever their order.
func TestCopies(t *testing.T) {
	good, bad := testRun("lds", 0, 6, 7, 8), failed(testRun("lds", 0, 0, 0, 0), store.Failed, "nan")
	for _, runs := range [][]store.Run{{good, bad}, {bad, good}} {
		tables, err := Build(runs, Options{})
		if err != nil || len(tables[0].Rows) != 1 || tables[0].Rows[0].N != 1 {
			t.Fatalf("tables %+v (%v), want one row of one seed", tables, err)
		}
		if w := tables[0].Warnings[0]; w.Kind != WarnDuplicates || w.Text != "copies of stored runs, left out: 1" {
			t.Errorf("warning %+v", w)
		}
	}
}

// Runs under different semantics or selection rules are never in one table.
func TestTables(t *testing.T) {
	paper, official, otherRule, real := testRun("lds", 0, 6, 7, 8), testRun("lds", 0, 6, 7, 8), testRun("lds", 0, 6, 7, 8),
		testRun("lds", 0, 6, 7, 8)
	official.Manifest.Fidelity = "official"
	otherRule.Manifest.Selection = store.Selection{Split: datasets.Test, Metric: metrics.RMSE}
	paper.Manifest.Dataset.Twin, official.Manifest.Dataset.Twin, otherRule.Manifest.Dataset.Twin = true, true, true
	tables := mustBuild(t, []store.Run{otherRule, paper, official, real})
	var got []string
	for _, table := range tables {
		got = append(got, table.Title+" "+table.Caption[0]+" "+table.Caption[1])
	}
	want := []string{"AgeDB-DIR Benchmark", "official semantics", "paper semantics. Test metrics (MAE, GM in years): " +
		"mean ± standard deviation (ddof 1) over n seeds; epoch selected by best test", "best validation MAE"}
	if len(got) != len(want) {
		t.Fatalf("%d tables, want %d", len(got), len(want))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("table %d is %q, want %q", i, got[i], want[i])
		}
	}
}

func TestMetricsThatNoRunStores(t *testing.T) {
	runs := []store.Run{testRun("lds", 0, 6, 7, 8)}
	tables, err := Build(runs, Options{Metrics: metrics.Known})
	if err != nil || len(tables[0].Columns) != 8 {
		t.Errorf("all metrics: %d columns (%v), want 8 for MAE and GM", len(tables[0].Columns), err)
	}
	_, err = Build(runs, Options{Metrics: []metrics.Metric{metrics.AbsRel}})
	if err == nil || err.Error() != "agedb-dir: no run stores any of the metrics abs_rel" {
		t.Errorf("error %v", err)
	}
}

func TestJSON(t *testing.T) {
	tables, err := Build([]store.Run{testRun("lds", 0, 6, -1, 8)}, Options{Metrics: []metrics.Metric{metrics.MAE}})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := JSON(&out, (Report{Tables: tables}).Document()); err != nil {
		t.Fatal(err)
	}
	var back struct{ Tables []Table }
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil {
		t.Fatal(err)
	}
	got := back.Tables[0]
	if c := got.Columns[3]; c.Region != datasets.Few || c.Unit != "years" || c.Higher || c.Decimals != 2 {
		t.Errorf("column %+v", c)
	}
	if c := got.Rows[0].Cells[3]; c.Mean != 8 || c.Std.Defined() || c.Text != "8.00" {
		t.Errorf("few-shot cell %+v", c)
	}
	if !strings.Contains(out.String(), `"mean": null`) {
		t.Error("the empty region is not null")
	}
	out.Reset()
	empty, err := New(nil, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := JSON(&out, empty.Document()); err != nil || out.String() != "{\n  \"tables\": [],\n  \"not_done\": []\n}\n" {
		t.Errorf("no runs: %q (%v)", out.String(), err)
	}
}

func mustBuild(t *testing.T, runs []store.Run) []Table {
	t.Helper()
	tables, err := Build(runs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// Every stored figure that has the row identity is tested, shown or not, and what was tested is in the caption.
func TestRowIdentity(t *testing.T) {
	const name = "Row identity (All from Many, Medium and Few by size)"
	tests := []struct {
		name    string
		damage  func(*store.Run)
		caption string
		warning string
	}{
		{"sound", func(*store.Run) {}, name + " holds in every run for RMSE, AbsRel, log10, δ1.", ""},
		{"undefined log10", func(r *store.Run) {
			for _, s := range r.Results["test"] {
				s.Values[metrics.Log10] = metrics.Undefined()
			}
		}, name + " holds in every run for RMSE, AbsRel, δ1.", ""},
		{"RMSE of a region", func(r *store.Run) { r.Results["test"][datasets.Few].Values[metrics.RMSE] += 1e-3 },
			name + ": violated, see the notes.", "vanilla, seed 0: RMSE All is "},
		{"δ2, not shown", func(r *store.Run) { r.Results["test"][metrics.All].Values[metrics.Delta2] = 0.9 },
			name + ": violated, see the notes.", "vanilla, seed 0: δ2 All is 0.9"},
	}
	for _, tt := range tests {
		runs := change(change([]store.Run{testRun("vanilla", 0, 0, 0, 0)}, nyud2), tt.damage)
		table := mustBuild(t, runs)[0]
		if !slices.Contains(table.Caption, tt.caption) {
			t.Errorf("%s: caption %q, want %q", tt.name, table.Caption, tt.caption)
		}
		i := slices.IndexFunc(table.Warnings, func(w Warning) bool { return w.Kind == WarnIdentity })
		if (i >= 0) != (tt.warning != "") || i >= 0 && !strings.HasPrefix(table.Warnings[i].Text, tt.warning) {
			t.Errorf("%s: warnings %+v, want %q", tt.name, table.Warnings, tt.warning)
		}
	}
}

// Only a rule that looks at the test set is warned of, and all remarks of the runs are printed once.
func TestProtocolRemarks(t *testing.T) {
	runs := []store.Run{testRun("lds", 0, 6, 7, 8), testRun("lds", 1, 6, 7, 8), testRun("vanilla", 0, 6, 7, 8)}
	for i, note := range []string{"ünusual split.", "", "ünusual split."} {
		runs[i].Manifest.Note = note
	}
	table := mustBuild(t, runs)[0]
	if got := strings.Count(strings.Join(table.Caption, " "), "Ünusual split. "); got != 1 {
		t.Errorf("the note is printed %d times in %q", got, table.Caption)
	}
	for _, w := range table.Warnings {
		if w.Kind == WarnOfficialTest || w.Kind == WarnImported {
			t.Errorf("warning %+v of a run selected on validation data and trained here", w)
		}
	}
}
