package analysis

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// sweptRun is a finished run with a recipe in JSON and its few-shot MAE.
func sweptRun(method string, seed int64, recipe string, few float64) store.Run {
	scores := func(n int, v float64) metrics.Scores {
		return metrics.Scores{N: n, Values: map[metrics.Metric]metrics.Value{metrics.MAE: metrics.Value(v)}}
	}
	config := fmt.Sprintf(`{"method": %q, "seed": %d, "recipe": %s}`, method, seed, recipe)
	return store.Run{Dir: "results/x", Status: store.Status{State: store.Done},
		Results: store.Results{"test": metrics.ByRegion{
			metrics.All: scores(20, (5+few)/2), datasets.Many: scores(10, 5), datasets.Medium: scores(0, math.NaN()),
			datasets.Few: scores(10, few)}},
		Manifest: store.Manifest{Hash: "01", Benchmark: "agedb-dir", Scale: "tiny", Method: method, Seed: seed,
			Fidelity: "paper", Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
			Metrics: []metrics.Metric{metrics.MAE}, Config: json.RawMessage(config), Commit: "0123456789ab",
			Dataset: store.Dataset{Name: "agedb", Title: "AgeDB-DIR", LabelSpace: datasets.AgeSpace(),
				Shots: datasets.AgeShots()}}}
}

func lds(kind string, size int, sigma float64) string {
	return fmt.Sprintf(`{"epochs": 6, "lds": {"kind": %q, "size": %d, "sigma": %g}, "fds": {"kernel": {"kind": "", "size": 0, "sigma": 0}}}`, kind, size, sigma)
}

func both(size int, sigma float64) string {
	return fmt.Sprintf(`{"lds": {"kind": "gaussian", "size": 5, "sigma": %g}, "fds": {"momentum": 0.9, "kernel": {"kind": "laplace", "size": %d, "sigma": 1}}}`, sigma, size)
}

func render(t *testing.T, list []Ablation) string {
	t.Helper()
	var text strings.Builder
	sheets := make([]reports.Sheet, len(list))
	for i, a := range list {
		sheets[i] = a.Sheet()
	}
	if err := reports.Markdown(&text, reports.NewDocument(nil, sheets...)); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestAblations(t *testing.T) {
	vanilla := sweptRun("vanilla", 0, `{"epochs": 6}`, 11)
	failed := sweptRun("lds", 2, lds("triang", 9, 2), 0)
	failed.Status, failed.Results = store.Status{State: store.Failed, Class: "nan"}, nil
	tests := []struct {
		name string
		runs []store.Run
	}{
		{"ablate_lds", []store.Run{
			sweptRun("lds", 0, lds("laplace", 5, 1), 9), sweptRun("lds", 1, lds("laplace", 5, 1), 11), vanilla,
			sweptRun("lds", 0, lds("gaussian", 15, 2), 8), sweptRun("lds", 1, lds("gaussian", 15, 2), 9),
			sweptRun("lds", 0, lds("gaussian", 5, 2), 12), sweptRun("lds", 0, lds("triang", 9, 2), 8.5), failed,
		}},
		// The kernel that does not vary is in the caption.
		{"ablate_fds", []store.Run{sweptRun("lds+fds", 0, both(5, 2), 9), sweptRun("lds+fds", 0, both(9, 2), 8)}},
		{"ablate_both", []store.Run{
			sweptRun("lds+fds", 0, both(5, 2), 9), sweptRun("lds+fds", 0, both(9, 1), 8),
			sweptRun("lds+fds", 0, both(5, 1), 10)}},
	}
	for _, tt := range tests {
		list, err := Ablations(tt.runs, AblationOptions{Region: datasets.Few})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d ablations (%v)", tt.name, len(list), err)
		}
		golden(t, tt.name+".md", render(t, list))
	}
}

// Runs that differ in more than kernels are compared apart, and both tables say in what.
func TestAblationsOfSeveralConfigurations(t *testing.T) {
	longer := strings.Replace(lds("gaussian", 9, 2), "6", "20", 1)
	other := strings.Replace(lds("gaussian", 5, 2), "6", "20", 1)
	alone := sweptRun("lds", 0, strings.Replace(lds("gaussian", 5, 2), "6", "30", 1), 1)
	list, err := Ablations([]store.Run{sweptRun("lds", 0, lds("gaussian", 5, 2), 9),
		sweptRun("lds", 0, lds("gaussian", 9, 2), 8), sweptRun("lds", 0, longer, 7), sweptRun("lds", 0, other, 6), alone},
		AblationOptions{Region: datasets.Few})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d ablations (%v), want one for 6 and one for 20 epochs", len(list), err)
	}
	for _, a := range list {
		if len(a.Rows) != 2 || !strings.Contains(render(t, list[:1]),
			"another table of lds differs in recipe.epochs, so its runs are not averaged") {
			t.Errorf("%d rows: %s", len(a.Rows), render(t, []Ablation{a}))
		}
	}
}

func TestAblationsOfNothing(t *testing.T) {
	one := []store.Run{sweptRun("lds", 0, lds("gaussian", 5, 2), 9), sweptRun("lds", 1, lds("gaussian", 5, 2), 9),
		sweptRun("vanilla", 0, "{}", 1)}
	if list, err := Ablations(one, AblationOptions{Region: datasets.Few}); err != nil || len(list) != 0 {
		t.Errorf("%d ablations of one kernel (%v)", len(list), err)
	}
	broken := sweptRun("lds", 0, lds("gaussian", 5, 2), 9)
	broken.Manifest.Config = json.RawMessage(`{"recipe": {"lds": 3}}`)
	if _, err := Ablations([]store.Run{broken}, AblationOptions{}); err == nil ||
		!strings.HasPrefix(err.Error(), "results/x/manifest.json: config: ") {
		t.Errorf("error %v", err)
	}
	one = append(one, sweptRun("lds", 0, lds("gaussian", 9, 2), 9))
	if _, err := Ablations(one, AblationOptions{Metric: metrics.RMSE}); err == nil ||
		!strings.Contains(err.Error(), "no run stores any of the metrics rmse") {
		t.Errorf("error %v", err)
	}
}
