package analysis

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

func TestBreakdown(t *testing.T) {
	val := sample(2, 90)
	val.Split = datasets.Val
	a := of(testRun(t, []int{200, 5, 0}, val, sample(0, 1), sample(0, 3), sample(1, 4), sample(2, -2)), "vanilla", 0, 1)
	b := of(testRun(t, []int{200, 5, 0}, sample(0, 2), sample(0, 2), sample(1, 5), sample(2, 0)), "vanilla", 1, 1)
	opts := BreakdownOptions{By: ByBin, Width: 2, Split: datasets.Test, Metrics: []metrics.Metric{metrics.MAE}}
	list, damaged, err := Breakdowns([]store.Run{a, b}, opts)
	if err != nil || len(damaged) > 0 || len(list) != 1 {
		t.Fatalf("%v, %v, %v", list, damaged, err)
	}
	got := list[0]
	if g := got.Groups[0]; g.Name != "0–1" || g.N != 3 || g.Train != 205 || g.shots() != "many, few" {
		t.Errorf("group %+v", g)
	}
	if g := got.Groups[1]; g.Name != "2+" || g.N != 1 || g.Train != 0 {
		t.Errorf("group %+v", g)
	}
	rows := got.Methods[0].Values[metrics.MAE]
	if len(rows) != 2 || !near(rows[0][0], 8./3) || !near(rows[0][1], 3) || rows[1][0] != 2 || rows[1][1] != 0 {
		t.Errorf("values %v", rows)
	}
	opts.By = ByLabel
	if list, _, _ := Breakdowns([]store.Run{a}, opts); len(list[0].Groups) != 3 || list[0].Groups[2].Name != "2" {
		t.Errorf("by label: %+v", list[0].Groups)
	}
}

// Pixels have the figures of depth estimation.
func TestBreakdownDense(t *testing.T) {
	run := testRun(t, []int{200, 5, 9}, sample(1, 0.25), sample(2, 0))
	run.Manifest.Dataset.Modality = datasets.Depth
	list, _, err := Breakdowns([]store.Run{run},
		BreakdownOptions{By: ByBin, Width: 1, Split: datasets.Test, Metrics: []metrics.Metric{metrics.AbsRel}})
	if err != nil || list[0].Methods[0].Values[metrics.AbsRel][0][0] != 0.25 {
		t.Errorf("%+v, %v", list, err)
	}
	if text := markdown(t, list[0].Sheets()...); !strings.Contains(text, "n counts pixels") ||
		!strings.Contains(text, "0.250") {
		t.Error(text)
	}
}

func TestBoldBest(t *testing.T) {
	values := func(v ...metrics.Value) map[metrics.Metric][][]metrics.Value {
		rows := [][]metrics.Value{v}
		return map[metrics.Metric][][]metrics.Value{metrics.MAE: rows, metrics.Pearson: rows}
	}
	b := Breakdown{Methods: []MethodBreakdown{{Values: values(2.001)}, {Values: values(metrics.Undefined())},
		{Values: values(2.002)}, {Values: values(3)}}}
	for m, want := range map[metrics.Metric]string{metrics.MAE: "0 2", metrics.Pearson: "3"} {
		var bold []string
		for i, c := range b.values(0, m, 2) {
			if c.Bold {
				bold = append(bold, string(rune('0'+i)))
			}
		}
		if got := strings.Join(bold, " "); got != want {
			t.Errorf("%s: bold %q, want %q", m, got, want)
		}
	}
}
