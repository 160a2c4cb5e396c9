package page

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/charts"
	"github.com/dirbench/dirbench/runner/store"
)

// The page has a colour for every class of a drawing.
func TestPaintsHaveStyles(t *testing.T) {
	paints := []charts.Paint{charts.Ink, charts.Mist}
	for i := range charts.Colours {
		paints = append(paints, charts.Colour(i))
	}
	for _, r := range datasets.Regions {
		paints = append(paints, charts.RegionColour(r))
	}
	for _, paint := range paints {
		if !strings.Contains(style, "\n."+paint.Class+" { color: var(--") {
			t.Errorf("no style for the class %q", paint.Class)
		}
	}
}

// rowsWith makes one row for each configuration.
func rowsWith(configs ...string) reports.Table {
	var t reports.Table
	for i, c := range configs {
		run := store.Run{Dir: "results/run", Manifest: store.Manifest{Config: json.RawMessage(c)}}
		t.Rows = append(t.Rows, reports.Row{Label: string(rune('a' + i)), Runs: []store.Run{run}})
	}
	return t
}

func TestCompareConfigs(t *testing.T) {
	common, differing, err := compareConfigs(rowsWith(
		`{"seed": 1, "files": {"train": "aa"}, "recipe": {"lr": 0.10, "lds": {"kind": ""}, "drops": [1, 2]}}`,
		`{"seed": 2, "files": {"train": "bb"}, "recipe": {"lr": 0.10, "lds": {"kind": "gaussian"}, "drops": [1, 2], "patience": null}}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	if len(common) != 2 || common[0].Name != "recipe.drops" || common[0].Values[0] != "[1,2]" ||
		common[1].Values[0] != "0.10" {
		t.Errorf("common %v", common)
	}
	if len(differing.Rows) != 1 || differing.Rows[0][0].Text != "recipe.lds.kind" || differing.Rows[0][1].Text != "—" ||
		differing.Rows[0][2].Text != "gaussian" {
		t.Errorf("differing %v", differing.Rows)
	}
	if _, differing, _ := compareConfigs(rowsWith(`{"a": 1}`)); differing != nil {
		t.Error("one configuration differs from itself")
	}
	if _, _, err := compareConfigs(rowsWith(`[]`)); err == nil ||
		!strings.Contains(err.Error(), "manifest.json: config: ") {
		t.Errorf("error %v", err)
	}
}

func TestOverview(t *testing.T) {
	few := []reports.Column{{Metric: metrics.MAE, Region: datasets.Many}, {Metric: metrics.MAE, Region: datasets.Few}}
	row := func(method string, values ...float64) reports.Row {
		r := reports.Row{Label: method, Method: method, N: 1, Runs: []store.Run{{}}}
		for _, v := range values {
			r.Cells = append(r.Cells, reports.Cell{Text: "x", Mean: metrics.Value(v)})
		}
		return r
	}
	table := reports.Table{Columns: few, Rows: []reports.Row{row("vanilla", 4, 10), row("lds", 5, 8), row("fds", 4.5, 9)}}
	texts := func() (list []string) {
		for _, c := range overviewRow(table, "vanilla") {
			list = append(list, c.Text)
		}
		return list
	}
	if got := texts(); got[1] != "lds" || got[4] != "+20.0 %" || got[5] != "−25.0 %" || got[8] != "3/3" {
		t.Errorf("%q", got)
	}
	table.Rows = table.Rows[:1]
	if got := texts(); got[1] != "—" || got[3] != "x" || got[4] != "—" {
		t.Errorf("vanilla alone: %q", got)
	}
}
