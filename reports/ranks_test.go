package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/stats"
	"github.com/dirbench/dirbench/runner/store"
)

// onDatasets are runs of methods, the first being the best, with two seeds on n datasets.
func onDatasets(n int, methods ...string) []store.Run {
	var runs []store.Run
	for d := range n {
		for i, m := range methods {
			v := float64(6 + i)
			for seed := range int64(2) {
				runs = append(runs, onDataset(fmt.Sprint("data", d), testRun(m, seed, v, v, v+float64(seed))))
			}
		}
	}
	return runs
}

func onDataset(name string, r store.Run) store.Run {
	r.Manifest.Dataset.Name = name
	return r
}

func TestRanksWhereTheyMakeSense(t *testing.T) {
	five := onDatasets(5, "lds", "fds", "vanilla")
	rrt := onDataset("data0", testRun("rrt", 0, 1, 1, 1))
	tests := []struct {
		name    string
		runs    []store.Run
		blocks  int // 0: no ranks
		leftOut string
	}{
		{"five datasets", five, 5, ""},
		{"four datasets", onDatasets(4, "lds", "fds", "vanilla"), 0, ""},
		{"two methods", onDatasets(5, "lds", "vanilla"), 0, ""},
		{"one seed", slices.DeleteFunc(slices.Clone(five), func(r store.Run) bool { return r.Manifest.Seed == 1 }), 0, ""},
		{"one of them a twin", change(slices.Clone(five),
			func(r *store.Run) { r.Manifest.Dataset.Twin = r.Manifest.Dataset.Name == "data0" }), 0, ""},
		{"one of them official", change(slices.Clone(five), func(r *store.Run) {
			if r.Manifest.Dataset.Name == "data0" {
				r.Manifest.Fidelity = "official"
			}
		}), 0, ""},
		{"a dataset twice", append(change(slices.Clone(five[:6]), func(r *store.Run) { r.Manifest.Scale = "full" }), five...),
			5, "data0 (agedb-dir, tiny, best validation MAE): another table of the same data"},
		{"a method of one dataset", append(slices.Clone(five), rrt), 5,
			"rrt: no single row of at least 2 seeds in data0, data1, data2, data3, data4"},
		{"a failed method", change(slices.Clone(five), func(r *store.Run) {
			if r.Manifest.Method == "fds" && r.Manifest.Dataset.Name == "data3" {
				*r = failed(*r, store.Failed, "nan")
			}
		}), 0, ""},
	}
	for _, tt := range tests {
		report, err := New(tt.runs, nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := 2
		if tt.blocks == 0 {
			want = 0
		}
		if len(report.Ranks) != want {
			t.Errorf("%s: %d rankings, want %d", tt.name, len(report.Ranks), want)
			continue
		}
		for _, r := range report.Ranks {
			if len(r.Blocks) != tt.blocks || strings.Join(r.LeftOut, "; ") != tt.leftOut || r.Methods[0].Method != "lds" ||
				r.Methods[0].MeanRank != 1 {
				t.Errorf("%s: %+v", tt.name, r)
			}
		}
	}
}

// All datasets in one order: F is infinite, and text and JSON must stand it.
func TestRanksThatAgree(t *testing.T) {
	report, err := New(onDatasets(5, "lds", "fds", "rrt", "vanilla"), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := report.Ranks[1]
	if r.Region != datasets.Few || !r.Significant() || r.F.Defined() || r.PF != 0 {
		t.Errorf("%+v", r)
	}
	caption := strings.Join(r.Sheet().Caption, " ")
	if !strings.Contains(caption, "p = 2e-05 by permutation of the ranks; Iman–Davenport F = ∞, p = 0.") {
		t.Errorf("caption %s", caption)
	}
	var out strings.Builder
	if err := JSON(&out, report.Document()); err != nil || !strings.Contains(out.String(), `"f": null`) {
		t.Errorf("JSON: %v\n%s", err, out.String())
	}
}

func TestLetters(t *testing.T) {
	r := Ranking{Methods: make([]RankedMethod, 5), Cliques: []stats.Clique{{First: 1, Last: 2}, {First: 2, Last: 3}}}
	var got []string
	for i := range r.Methods {
		got = append(got, r.letters(i))
	}
	if want := []string{"a", "b", "bc", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("letters %v, want %v", got, want)
	}
}

// Friedman's test decides whether Nemenyi's may say anything: here two mean ranks lie further apart than the critical
// difference.
func TestNoPostHocTest(t *testing.T) {
	r := ranker{Ranking: Ranking{Alpha: 0.05}}
	r.test([]string{"a", "b", "c", "d", "e", "f"}, [][]float64{
		{-1, 0, 2, 3, 5, 6}, {0.5, 0, 3, 5, 1, 3.5}, {-1, 1, 3, 5, 2, 3.5}, {0.5, 4, 5, 0, 2, 3.5}, {0.5, 5, 3, 0, 4, 6},
	})
	if d := r.Methods[5].MeanRank - r.Methods[0].MeanRank; d <= r.CriticalDifference || r.Significant() {
		t.Fatalf("%g apart, critical is %g, p %g", d, r.CriticalDifference, float64(r.PPermutation))
	}
	if want := []stats.Clique{{First: 0, Last: 5}}; !slices.Equal(r.Cliques, want) {
		t.Errorf("cliques %v, want %v", r.Cliques, want)
	}
}
