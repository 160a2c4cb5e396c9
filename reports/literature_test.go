package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// official turns runs into ones of the released code's protocol at full scale, on a test set of AgeDB-DIR's sizes.
func official(r *store.Run) {
	r.Manifest.Scale, r.Manifest.Fidelity = "full", "official"
	r.Manifest.ScaleRecipe = map[string]json.RawMessage{"bn_shards": json.RawMessage("1")}
	scores := r.Results["test"]
	all, logs, n := 0.0, 0.0, 0.0
	for region, size := range map[datasets.Region]int{datasets.Many: 1530, datasets.Medium: 448, datasets.Few: 162} {
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
		change([]store.Run{testRun("vanilla", 0, 6.6, 9.5, 13.6), testRun("vanilla", 1, 6.7, 9.4, 13.2),
			testRun("lds", 0, 7, 8.8, 10.9)}, official),
		change([]store.Run{testRun("vanilla", 0, 1, 2, 3)}, retuned)...),
		change([]store.Run{testRun("vanilla", 0, 6, 8, 12)}, twin)...)},
	{"published_apart", append(change([]store.Run{testRun("vanilla", 0, 6, 8, 12)}, twin),
		change([]store.Run{testRun("lds", 0, 6, 8, 12)}, retuned)...)},
}

func TestPublished(t *testing.T) {
	for _, tt := range literatureTests {
		t.Run(tt.name, func(t *testing.T) {
			report, err := New(tt.runs, nil, Options{Published: true})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := Markdown(&got, report.Document()); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, tt.name, got.String())
		})
	}
}

// TestProtocolsNeverMix: beside measured rows stand the published ones of the official protocol and no others, which
// are listed apart.
func TestProtocolsNeverMix(t *testing.T) {
	report, err := New(literatureTests[0].runs, nil, Options{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	official, foreign := []string{}, []string{}
	for _, r := range report.Published[0].Rows {
		if r.Protocol == "official" {
			official = append(official, r.Method)
		} else {
			foreign = append(foreign, r.Method)
		}
	}
	methods := map[string][]string{} // by title
	for _, s := range report.Document().Sheets() {
		for _, row := range s.Rows {
			method, _, _ := strings.Cut(row[0].Text, " (printed")
			methods[s.Title] = append(methods[s.Title], method)
		}
	}
	// Of the three measured rows one was trained by another recipe.
	beside := methods["AgeDB-DIR beside published results"]
	if diff := cmp.Diff(append([]string{report.Tables[0].Rows[0].Label, "lds"}, official...), beside); diff != "" {
		t.Errorf("beside measured rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(foreign, methods["Published results on agedb-dir: not comparable with measured rows"]); diff != "" {
		t.Errorf("apart (-want +got):\n%s", diff)
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

// --metrics chooses those of published results too; a row without any of them is left out.
func TestPublishedMetrics(t *testing.T) {
	report, err := New(literatureTests[1].runs, nil, Options{Published: true, Metrics: []metrics.Metric{metrics.GM}})
	if err != nil || len(report.Published) == 0 || len(report.Published[0].Rows) == 0 {
		t.Fatalf("%+v, %v", report.Published, err)
	}
	for _, row := range report.Published[0].Rows {
		if len(row.Figures) != 1 || row.Figures[0].Metric != metrics.GM {
			t.Errorf("%s of %s: %+v", row.Method, row.Source, row.Figures)
		}
	}
}
