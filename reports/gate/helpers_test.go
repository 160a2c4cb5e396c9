package gate

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// testRun is a finished run of a twin of AgeDB-DIR: the MAE of every region is value, Pearson's r is r.
func testRun(method string, seed int64, value, r float64) store.Run {
	counts := make([]int, datasets.AgeSpace().Bins)
	counts[30], counts[50], counts[70] = 200, 60, 5
	loss := metrics.Value(40 + float64(seed))
	run := store.Run{
		Dir: fmt.Sprintf("results/ci/agedb-dir/%s/seed=%d", method, seed),
		Manifest: store.Manifest{
			Suite: "ci", Benchmark: "agedb-dir", Scale: "tiny", Method: method, Seed: seed, Fidelity: "paper",
			Selection: store.Selection{Split: datasets.Val, Metric: metrics.MAE},
			Metrics:   []metrics.Metric{metrics.MAE, metrics.Pearson}, Commit: "0123456789abcdef",
			Backend: "go", Config: json.RawMessage(fmt.Sprintf(`{"method": %q, "seed": %d}`, method, seed)),
			Dataset: store.Dataset{Name: "agedb", Twin: true, Files: map[string]string{"train": "aa"},
				LabelSpace: datasets.AgeSpace(), Shots: datasets.AgeShots(), TrainCounts: counts},
			Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		Status:  store.Status{State: store.Done},
		Results: store.Results{"test": metrics.ByRegion{}},
		Events:  []store.Event{{Stage: "encoder", Epoch: 1, FirstLoss: &loss}, {Stage: "encoder", Epoch: 2}},
	}
	for region, n := range (metrics.Sizes{metrics.All: 100, datasets.Many: 60, datasets.Medium: 30, datasets.Few: 10}) {
		run.Results["test"][region] = metrics.Scores{N: n, Values: map[metrics.Metric]metrics.Value{
			metrics.MAE: metrics.Value(value), metrics.Pearson: metrics.Value(r)}}
	}
	return run
}

// cellRuns are runs of one method whose MAE is given by seed, from seed first on.
func cellRuns(method string, first int64, values ...float64) []store.Run {
	var runs []store.Run
	for i, v := range values {
		runs = append(runs, testRun(method, first+int64(i), v, 0.8+0.001*float64(i)))
	}
	return runs
}

// setRegion sets a metric in one region of each run.
func setRegion(runs []store.Run, m metrics.Metric, region datasets.Region, values ...float64) []store.Run {
	for i := range runs {
		runs[i].Results["test"][region].Values[m] = metrics.Value(values[i])
	}
	return runs
}

// change returns the runs after a change to each.
func change(runs []store.Run, f func(*store.Run)) []store.Run {
	for i := range runs {
		f(&runs[i])
	}
	return runs
}

func concat(lists ...[]store.Run) []store.Run {
	var all []store.Run
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func mustNew(t *testing.T, runs []store.Run) *Baseline {
	t.Helper()
	b, err := New(runs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustCompare(t *testing.T, b *Baseline, runs []store.Run, opts Options) *Report {
	t.Helper()
	r, err := b.Compare(runs, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// verdictsOf returns "VERDICT METRIC REGION" of every row.
func verdictsOf(r *Report) []string {
	texts := []string{}
	for _, row := range r.Rows {
		texts = append(texts, fmt.Sprintf("%s: %s %s", row.Verdict, row.Metric, row.Region))
	}
	return texts
}
