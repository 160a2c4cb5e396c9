package page

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/stats"
)

// A ranking stands in the overview, with a diagram where its test tells methods apart.
func TestRanks(t *testing.T) {
	runs := fixedStore(t, t.TempDir())
	report, err := reports.New(runs, nil, reports.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[metrics.Value]bool{0.01: true, 0.5: false} {
		report.Ranks = []reports.Ranking{{
			Region: datasets.Few, Blocks: []string{"a", "b"}, Alpha: 0.05, PPermutation: p, CriticalDifference: 1.5,
			Methods: []reports.RankedMethod{{Method: "lds", MeanRank: 1, Ranks: []float64{1, 1}},
				{Method: "vanilla", MeanRank: 2, Ranks: []float64{2, 2}}},
			Cliques: []stats.Clique{{First: 0, Last: 1}},
		}}
		page := written(t, New(report, Options{}))
		overview := page[strings.Index(page, `id="overview"`):strings.Index(page, `id="mine-faces-tiny-paper"`)]
		if !strings.Contains(overview, "<caption>Ranks across 2 datasets, few-shot</caption>") {
			t.Error("the overview lacks the ranks")
		}
		if got := strings.Contains(overview, `id="ranks-1-few"`) &&
			strings.Contains(overview, "critical difference 1.50"); got != want {
			t.Errorf("p = %v: diagram %t, want %t", p, got, want)
		}
		if strings.Count(page, "Ranks across 2 datasets") != 2 { // once as the region's label
			t.Error("the ranks stand elsewhere, too")
		}
	}
}

// Published results have a section of their own, which begins after those of the tables.
func TestPublished(t *testing.T) {
	runs := fixedStore(t, t.TempDir())
	for i := range runs {
		runs[i].Manifest.Benchmark = "agedb-dir"
	}
	report, err := reports.New(runs, nil, reports.Options{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	p := New(report, Options{})
	page := written(t, p)
	if len(p.Published) == 0 || len(p.Sections[0].Sheets) != 1 || p.NotDone == nil {
		t.Errorf("%d published sheets, %d of the table, %v", len(p.Published), len(p.Sections[0].Sheets), p.NotDone)
	}
	if strings.Count(page, "<caption>Published results on agedb-dir") != 1 ||
		!strings.Contains(page, `<a href="#published">`) {
		t.Error("the page lacks the published results, or a link to them")
	}
}
