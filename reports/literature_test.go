package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// official turns runs into ones of the released code's protocol at full scale, on a test set of AgeDB-DIR's sizes.
func official(r *store.Run) {
	r.Manifest.Scale, r.Manifest.Semantics = "full", "official"
	r.Manifest.ScaleRecipe = map[string]json.RawMessage{"bn_shards": json.RawMessage("1")}
	scores := r.Results["test"]
	all, logs, n := 0.0, 0.0, 0.0
	for region, size := range map[string]int{"many": 1530, "medium": 448, "few": 162} {
		s := scores[region]
		s.N = size
		scores[region] = s
		all += float64(size) * float64(s.Values[metrics.MAE])
		logs += float64(size) * math.Log(float64(s.Values[metrics.GM]))
		n += float64(size)
	}
	scores[metrics.All] = metrics.Scores{N: int(n), Values: maeAndGM(all/n, math.Exp(logs/n))}
}

// retuned turns runs into ones of a recipe of their own.
func retuned(r *store.Run) {
	official(r)
	r.Manifest.ScaleRecipe["lr"] = json.RawMessage("0.001")
	r.Manifest.Config = json.RawMessage(`{"recipe": {"lr": 1}}`)
}

func twin(r *store.Run) { r.Manifest.Dataset.Twin = true }

var literatureTests = []struct {
	name string
	runs []store.Run
}{
	{"published_beside", append(append(
		change([]store.Run{testRun("vanilla", 0, 6.6, 9.5, 13.6), testRun("vanilla", 1, 6.7, 9.4, 13.2), testRun("lds", 0, 7, 8.8, 10.9)}, official),
		change([]store.Run{testRun("vanilla", 0, 1, 2, 3)}, retuned)...),
		change([]store.Run{testRun("vanilla", 0, 6, 8, 12)}, twin)...)},
	{"published_apart", append(change([]store.Run{testRun("vanilla", 0, 6, 8, 12)}, twin), change([]store.Run{testRun("lds", 0, 6, 8, 12)}, retuned)...)},
}

func TestPublished(t *testing.T) {
	for _, tt := range literatureTests {
		t.Run(tt.name, func(t *testing.T) {
			report, err := New(tt.runs, nil, Options{Published: true})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := Markdown(&got, report.Sheets()); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, tt.name, got.String())
		})
	}
}

// TestProtocolsNeverMix: no sheet with a measured row has a published one of another protocol, and what is not comparable with
// anything stands apart, each row exactly once.
func TestProtocolsNeverMix(t *testing.T) {
	report, err := New(literatureTests[0].runs, nil, Options{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	rows, titles := 0, []string{}
	for _, s := range report.Sheets() {
		measured, foreign := false, false
		for _, row := range s.Rows {
			measured = measured || strings.HasPrefix(row[1].Text, "measured")
			foreign = foreign || len(row) == len(s.Columns) && s.Columns[len(s.Columns)-1].Header == "Protocol" && row[len(row)-1].Text != "official"
		}
		if measured && foreign {
			t.Errorf("%s mixes protocols", s.Title)
		}
		if strings.Contains(s.Title, "ublished results") {
			titles = append(titles, s.Title)
			rows += len(s.Rows)
		}
	}
	// Two measured rows stand beside; the third was trained by another recipe.
	if want := len(report.Published[0].Rows) + 2; rows != want || len(titles) != 2 {
		t.Errorf("%d rows in %q, want %d in two", rows, titles, want)
	}
}

func TestPublishedOnlyIfAsked(t *testing.T) {
	report, err := New(literatureTests[0].runs, nil, Options{})
	if err != nil || report.Published != nil {
		t.Errorf("published results %v (%v) without asking", report.Published, err)
	}
	runs := change([]store.Run{testRun("vanilla", 0, 6, 8, 12)}, func(r *store.Run) { r.Manifest.Benchmark = "mine" })
	if report, err = New(runs, nil, Options{Published: true}); err != nil || len(report.Published) != 0 {
		t.Errorf("published results %v (%v) on a benchmark without any", report.Published, err)
	}
}
