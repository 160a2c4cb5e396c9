package reports

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// seeded are finished runs of a method with these few-shot errors, from a seed on.
func seeded(method string, first int64, few ...float64) []store.Run {
	var runs []store.Run
	for i, v := range few {
		runs = append(runs, testRun(method, first+int64(i), 6, 7, v))
	}
	return runs
}

var (
	plainRuns  = seeded("vanilla", 0, 12, 12.5, 11.5, 12)
	betterRuns = seeded("lds", 0, 10, 10.25, 9.75, 10.25)
	worseRuns  = seeded("fds", 0, 14, 14.25, 13.75, 14.25)
	alikeRuns  = seeded("rrt", 0, 12.5, 11.5, 12, 12.25)
)

// fewShot returns the row of a method's few-shot MAE.
func fewShot(t *testing.T, table Table, method string) Cell {
	t.Helper()
	i := slices.IndexFunc(table.Rows, func(r Row) bool { return r.Method == method })
	if i < 0 {
		t.Fatalf("no row %s in %+v", method, table.Rows)
	}
	return table.Rows[i].Cells[3]
}

func buildAgainst(t *testing.T, opts Options, runs ...[]store.Run) Table {
	t.Helper()
	tables, err := Build(slices.Concat(runs...), opts)
	if err != nil || len(tables) != 1 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	return tables[0]
}

func TestMarks(t *testing.T) {
	table := buildAgainst(t, Options{Baseline: "vanilla"}, plainRuns, betterRuns, worseRuns, alikeRuns)
	for method, want := range map[string]string{"vanilla": "", "lds": MarkBetter, "fds": MarkWorse, "rrt": MarkNone} {
		cell := fewShot(t, table, method)
		if cell.Mark != want || want != "" && !strings.HasSuffix(cell.Text, " "+want) ||
			(cell.Comparison == nil) != (method == "vanilla") {
			t.Errorf("%s: mark %q in %q, want %q", method, cell.Mark, cell.Text, want)
		}
	}
	higher := Column{Higher: true}
	for difference, want := range map[metrics.Value]string{0.1: MarkBetter, -0.1: MarkWorse} {
		if got := mark(&Comparison{Difference: difference, PAdjusted: 0.01}, higher, 0.05); got != want {
			t.Errorf("a correlation that changes by %g: %s, want %s", difference, got, want)
		}
	}
	if cell := fewShot(t, buildAgainst(t, Options{}, plainRuns, betterRuns), "lds"); cell.Mark != "" ||
		cell.Comparison != nil {
		t.Errorf("without a baseline: %+v", cell)
	}
	if cell := fewShot(t, buildAgainst(t, Options{Baseline: "lds"}, plainRuns, betterRuns),
		"vanilla"); cell.Mark != MarkWorse {
		t.Errorf("vanilla against lds: %+v", cell)
	}
}

// What cannot be compared has neither comparison nor mark, and a footnote says why.
func TestNotCompared(t *testing.T) {
	otherData := change(seeded("lds", 0, 10, 10.25, 9.75, 10.25), func(r *store.Run) {
		r.Manifest.Dataset.Files = map[string]string{"train": "bb"}
	})
	otherConfig := change(seeded("vanilla", 0, 1, 2, 3), func(r *store.Run) {
		r.Manifest.Config = json.RawMessage(fmt.Sprintf(`{"epochs": 9, "seed": %d}`, r.Manifest.Seed))
	})
	undefined := change(seeded("lds", 0, 10, 10.25, 9.75, 10.25), func(r *store.Run) {
		if r.Manifest.Seed == 3 {
			r.Results["test"][datasets.Few].Values[metrics.MAE] = metrics.Undefined()
		}
	})
	tests := []struct {
		name string
		runs [][]store.Run
		kind WarningKind // empty: none
		text string
	}{
		{"no baseline", [][]store.Run{betterRuns}, "", ""},
		{"two seeds", [][]store.Run{plainRuns[:2], betterRuns[:2]}, "", ""},
		{"two seeds of one", [][]store.Run{plainRuns, betterRuns[:2]}, "", ""},
		{"other seeds", [][]store.Run{plainRuns, seeded("lds", 2, 10, 10, 10)}, WarnUnpaired,
			"lds: seeds shared with vanilla: 2, too few to compare them"},
		{"other data", [][]store.Run{plainRuns, otherData}, WarnUnpaired,
			"lds: other data files than those of vanilla, so not compared with it"},
		{"two baselines", [][]store.Run{plainRuns, otherConfig, betterRuns}, WarnUnpaired,
			"vanilla has several rows, so nothing is compared with it"},
		{"an undefined value", [][]store.Run{plainRuns, undefined}, WarnUndefined,
			"lds: undefined, so not averaged: MAE Few (1 of 4 seeds)"},
	}
	for _, tt := range tests {
		table := buildAgainst(t, Options{Baseline: "vanilla"}, tt.runs...)
		if cell := fewShot(t, table, "lds"); cell.Comparison != nil || cell.Mark != "" {
			t.Errorf("%s: %+v", tt.name, cell)
		}
		found := slices.Contains(table.Warnings, Warning{tt.kind, tt.text})
		if unpaired := func(w Warning) bool { return w.Kind == WarnUnpaired }; tt.kind == "" {
			found = !slices.ContainsFunc(table.Warnings, unpaired)
		}
		if !found {
			t.Errorf("%s: warnings %+v, want %q", tt.name, table.Warnings, tt.text)
		}
		if sheets := table.againstSheets(); tt.kind != WarnUndefined && (len(sheets) > 0 || table.Against != nil) {
			t.Errorf("%s: %d sheets of nothing", tt.name, len(sheets))
		}
	}
}

// Of several rows of the baseline the one with the scale's own recipe counts: the others are compared with it.
func TestBaselineOfAnAblation(t *testing.T) {
	var changed []store.Run
	for _, r := range seeded("vanilla", 0, 8, 8.25, 7.75, 8.25) {
		changed = append(changed, truncate(r, `{"lr": 1}`, `{"lr": 0.1}`))
	}
	table := buildAgainst(t, Options{Baseline: "vanilla"}, plainRuns, changed)
	if table.Against == nil || table.Against.Baseline != "vanilla" {
		t.Fatalf("compared with %+v", table.Against)
	}
	for i, want := range []string{"vanilla", "vanilla (lr 1)"} {
		if r := table.Rows[i]; r.Label != want || (r.Cells[3].Mark == "") != (i == 0) {
			t.Errorf("row %s, want %s: mark %q", r.Label, want, r.Cells[3].Mark)
		}
	}
}

// A gain is a share of the baseline's mean, which there is not if that is 0.
func TestGainOverNothing(t *testing.T) {
	table := buildAgainst(t, Options{Baseline: "vanilla"}, seeded("vanilla", 0, 0, 0, 0), seeded("lds", 0, 1, 2, 3),
		seeded("fds", 0, 1, 2))
	cells := table.againstSheets()[0].Rows[0]
	if got := cells[len(cells)-2]; got.Text != undefinedText || got.Value != nil {
		t.Errorf("gain %+v", got)
	}
	if want := (Warning{WarnUnpaired, "fds: fewer than 3 seeds, so not compared with vanilla"}); !slices.Contains(
		table.Warnings, want) {
		t.Errorf("warnings %+v, want %q", table.Warnings, want.Text)
	}
}

// With 5 seeds a signed-rank test has no p below 0.0625, so it marks nothing; with 6 it does, if it is alone in its
// family.
func TestWilcoxonNeedsSeeds(t *testing.T) {
	six, sixBetter := seeded("vanilla", 0, 12, 12.5, 11.5, 12, 12.25, 12.125),
		seeded("lds", 0, 10, 10.25, 9.75, 10.25, 10, 10.125)
	opts := Options{Baseline: "vanilla", Test: TestWilcoxon}
	table := buildAgainst(t, opts, six[:5], sixBetter[:5])
	note := Warning{WarnPower, "a signed-rank test of 5 seeds has no p below 0.0625, so it marks nothing"}
	if cell := fewShot(t, table, "lds"); cell.Mark != "" || cell.Comparison.PAdjusted != 0.0625 ||
		!slices.Contains(table.Warnings, note) {
		t.Errorf("5 seeds: mark %q, %+v, warnings %+v", cell.Mark, cell.Comparison, table.Warnings)
	}
	if cell := fewShot(t, buildAgainst(t, opts, six, sixBetter), "lds"); cell.Mark != MarkBetter ||
		cell.Comparison.PAdjusted != 0.03125 {
		t.Errorf("6 seeds: mark %q, %+v", cell.Mark, cell.Comparison)
	}
	table = buildAgainst(t, opts, six, sixBetter, seeded("fds", 0, 10, 10.25, 9.75, 10.25, 10, 10.125))
	note = Warning{WarnPower, "a signed-rank test of 6 seeds, adjusted for 2 methods, has no p below 0.0625, so it " +
		"marks nothing"}
	if cell := fewShot(t, table, "lds"); cell.Mark != "" || !slices.Contains(table.Warnings, note) {
		t.Errorf("two methods: mark %q, warnings %+v", cell.Mark, table.Warnings)
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		opts Options
		want string
	}{
		{Options{Interval: "se"}, `interval "se": expected one of std, t, bca`},
		{Options{Test: "u"}, `test "u": expected one of t, wilcoxon`},
		{Options{Level: 95}, "level 95: expected a number between 0 and 1, such as 0.95"},
		{Options{Alpha: -1}, "alpha -1: expected a number between 0 and 1, such as 0.05"},
	}
	for _, tt := range tests {
		if _, err := New(plainRuns, nil, tt.opts); err == nil || err.Error() != tt.want {
			t.Errorf("%+v: error %v, want %s", tt.opts, err, tt.want)
		}
	}
	one := fewShot(t, buildAgainst(t, Options{Interval: IntervalT, Baseline: "vanilla"}, plainRuns[:1], betterRuns[:1]),
		"lds")
	if one.Text != "10.00" || one.Low.Defined() {
		t.Errorf("one seed: %+v", one)
	}
	two := fewShot(t, buildAgainst(t, Options{Interval: IntervalBCa}, betterRuns[:2]), "lds")
	if two.Text != "10.12 [—]" || two.Low.Defined() || !two.Std.Defined() {
		t.Errorf("a bootstrap of two: %+v", two)
	}
}
