package gate

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// old is what the baseline of most tests was made of.
func old() []store.Run { return cellRuns("lds", 0, 10, 10.1, 9.9, 10.05, 9.95) }

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name string
		now  []store.Run
		want []string
	}{
		{"the same numbers", old(), []string{}},
		{"a worsening in one region", setRegion(old(), metrics.MAE, datasets.Few, 13, 13.1, 12.9, 13.1, 13),
			[]string{"regression: mae few"}},
		{"a worsening of other seeds", setRegion(cellRuns("lds", 10, 10.1, 10, 9.9, 10.05, 9.95), metrics.MAE, datasets.Few,
			13, 13.1, 12.9, 13, 13.05),
			[]string{"regression: mae few", "alert: runs "}},
		{"an improvement", setRegion(old(), metrics.MAE, datasets.Few, 7, 7.1, 6.9, 7.1, 7), []string{}},
		{"an improvement of all", cellRuns("lds", 0, 5, 5.1, 4.9, 5, 5.1), []string{}},
		{"a higher correlation", setRegion(old(), metrics.Pearson, datasets.Few, 0.95, 0.96, 0.97, 0.95, 0.96), []string{}},
		{"a lower correlation", setRegion(old(), metrics.Pearson, datasets.Many, 0.6, 0.61, 0.605, 0.61, 0.6),
			[]string{"regression: pearson many"}},
		{"a significant change below the fail threshold", setRegion(old(), metrics.MAE, metrics.All, 10.8, 10.9, 10.7, 10.85,
			10.75),
			[]string{"alert: mae all"}},
		{"a significant change below the alert threshold", setRegion(old(), metrics.MAE, metrics.All, 10.3, 10.4, 10.2, 10.35,
			10.25), []string{}},
		{"a large change that chance explains", setRegion(old(), metrics.MAE, datasets.Few, 8, 20, 9, 19, 8), []string{}},
		{"a large change, significant on its own", setRegion(old(), metrics.MAE, datasets.Few, 11, 14, 12, 11.5, 13),
			[]string{"alert: mae few"}},
		{"a constant worsening of each seed", setRegion(old(), metrics.MAE, datasets.Few, 12, 12.1, 11.9, 12.05, 11.95),
			[]string{"regression: mae few"}},
		{"no value in one seed", setRegion(old(), metrics.Pearson, datasets.Few, 0.8, math.NaN(), 0.8, 0.8, 0.8),
			[]string{"no value: pearson few"}},
		{"a metric that is gone", change(old(),
			func(r *store.Run) { delete(r.Results["test"][datasets.Few].Values, metrics.MAE) }),
			[]string{"no value: mae few"}},
	}
	base := mustNew(t, old())
	for _, tt := range tests {
		r := mustCompare(t, base, tt.now, DefaultOptions())
		if diff := cmp.Diff(tt.want, verdictsOf(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if want := slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Verdict != Alert }); r.Failed != want {
			t.Errorf("%s: failed is %v", tt.name, r.Failed)
		}
	}
}

func TestRunsAsAWhole(t *testing.T) {
	other := func(runs []store.Run, started time.Duration) []store.Run {
		return change(runs, func(r *store.Run) {
			r.Manifest.Dataset.Files, r.Manifest.Started = map[string]string{"train": "bb"}, r.Manifest.Started.Add(started)
		})
	}
	fail := func(r *store.Run) { r.Status, r.Results = store.Status{State: store.Failed, Class: "nan"}, nil }
	stop := func(r *store.Run) { r.Status, r.Results = store.Status{State: store.Interrupted}, nil }
	one, stopped, both := old(), old(), old()
	fail(&one[2])
	stop(&stopped[2])
	fail(&both[2])
	stop(&both[3])
	tests := []struct {
		name   string
		now    []store.Run
		want   []string
		failed bool
	}{
		{"missing", cellRuns("fds", 0, 10, 10, 10), []string{"runs missing: runs ", "not in the baseline: configuration "},
			true},
		{"one failed", one, []string{"runs failed: runs "}, true},
		{"all failed", change(old(), fail), []string{"runs failed: runs "}, true},
		{"one interrupted", stopped, []string{"runs not finished: runs "}, true},
		{"one failed, one interrupted", both, []string{"runs failed: runs "}, true},
		{"running", append(old(), change(cellRuns("lds", 9, 1),
			func(r *store.Run) { r.Status.State, r.Results = store.Running, nil })...),
			[]string{"runs not finished: runs "}, true},
		{"other data", other(old(), 0), []string{"other configuration: configuration "}, true},
		{"newer runs of other data", append(old(), other(old(), time.Hour)...),
			[]string{"other configuration: configuration "}, true},
		{"older runs of other data", append(other(old(), -time.Hour), old()...), []string{}, false},
		{"another cell", append(old(), cellRuns("fds", 0, 10, 10, 10)...), []string{"not in the baseline: configuration "},
			false},
		{"runs of another suite", append(old(),
			change(cellRuns("fds", 0, 9), func(r *store.Run) { r.Manifest.Suite = "smoke" })...), []string{}, false},
		{"more seeds", append(old(), cellRuns("lds", 10, 10, 10.1)...), []string{}, false},
		{"a seed less", old()[:4], []string{"alert: runs "}, false},
		{"other seeds", cellRuns("lds", 10, 10, 10.1, 9.9), []string{"alert: runs "}, false},
		{"just enough seeds", old()[2:], []string{"alert: runs "}, false},
		{"too few seeds", old()[:2], []string{"too few seeds: 8 of 8 metrics "}, true},
		{"one seed", old()[:1], []string{"too few seeds: 8 of 8 metrics "}, true},
	}
	base := mustNew(t, old())
	for _, tt := range tests {
		r := mustCompare(t, base, tt.now, DefaultOptions())
		if diff := cmp.Diff(tt.want, verdictsOf(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if r.Failed != tt.failed {
			t.Errorf("%s: failed is %v", tt.name, r.Failed)
		}
	}
}

// A baseline of too few seeds tests nothing, which is not the runs' fault.
func TestSmallBaseline(t *testing.T) {
	r := mustCompare(t, mustNew(t, old()[:2]), old(), DefaultOptions())
	if diff := cmp.Diff([]string{"not tested: 8 of 8 metrics "}, verdictsOf(r)); diff != "" || r.Failed ||
		r.Comparisons != 0 {
		t.Errorf("failed %v, %d comparisons (-want +got):\n%s", r.Failed, r.Comparisons, diff)
	}
}

func TestFingerprints(t *testing.T) {
	loss := func(share float64) func(*store.Run) {
		return func(r *store.Run) {
			v := *r.Events[0].FirstLoss * metrics.Value(1+share)
			r.Events[0].FirstLoss = &v
		}
	}
	tests := []struct {
		name   string
		change func(*store.Run)
		want   []string
	}{
		{"rounding", loss(1e-6), []string{}},
		{"just below the tolerance", loss(0.99e-3), []string{}},
		{"a higher first loss", loss(1.1e-3), []string{"protocol changed: first loss seed 4 (5 of 5 moved)"}},
		{"a lower first loss", loss(-0.2), []string{"protocol changed: first loss seed 4 (5 of 5 moved)"}},
		{"no first loss", func(r *store.Run) { r.Events = nil },
			[]string{"protocol changed: first loss seed 0 (5 of 5 moved)"}},
		{"a test sample in another region", func(r *store.Run) { moveSample(r, datasets.Many, datasets.Medium) },
			[]string{"protocol changed: test samples medium", "protocol changed: test samples many"}},
		{"training counts moved by a bin", func(r *store.Run) {
			c := slices.Clone(r.Manifest.Dataset.TrainCounts)
			copy(c[1:], c)
			r.Manifest.Dataset.TrainCounts = c
		}, []string{"protocol changed: training bins "}},
		{"another shot rule", func(r *store.Run) { r.Manifest.Dataset.Shots.Few = 2 },
			[]string{"protocol changed: training samples few", "protocol changed: training samples medium",
				"protocol changed: training bins "}},
	}
	base := mustNew(t, old())
	for _, tt := range tests {
		r := mustCompare(t, base, change(old(), tt.change), DefaultOptions())
		if diff := cmp.Diff(tt.want, verdictsOf(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// First losses of seeds that the baseline does not have are not compared, their sizes are.
	seeds := cellRuns("lds", 10, 10, 10.1, 9.9)
	if r := mustCompare(t, base, change(seeds, loss(0.5)), DefaultOptions()); r.Failed {
		t.Errorf("first losses of other seeds fail: %v", verdictsOf(r))
	}
	if r := mustCompare(t, base, change(seeds, func(r *store.Run) { moveSample(r, datasets.Few, datasets.Many) }),
		DefaultOptions()); !r.Failed {
		t.Error("sizes of other seeds do not fail")
	}
}

func moveSample(r *store.Run, from, to datasets.Region) {
	for region, d := range map[datasets.Region]int{from: -1, to: 1} {
		s := r.Results["test"][region]
		s.N += d
		r.Results["test"][region] = s
	}
}

func TestOnly(t *testing.T) {
	worse := setRegion(old(), metrics.MAE, datasets.Few, 13, 13.1, 12.9, 13.1, 13)
	base := mustNew(t, concat(old(), cellRuns("vanilla", 0, 10, 10.2, 9.9)))
	opts := DefaultOptions()
	opts.Only = []string{"*/vanilla"}
	if r := mustCompare(t, base, concat(worse, cellRuns("vanilla", 0, 10, 10.2, 9.9)), opts); r.Failed || r.Cells != 1 {
		t.Errorf("only vanilla: %d cells, %v", r.Cells, verdictsOf(r))
	}
	opts.Only = []string{"agedb-dir/l*"}
	for pattern, cells := range map[string]int{"agedb-dir/l*": 1, "*/lds/*": 1, "agedb-dir": 2, "agedb-dir/*": 2,
		"agedb-dir/*/*": 2, "*/lds/seed=0": 0} {
		opts.Only = []string{pattern}
		if r := mustCompare(t, base, worse, opts); r.Failed != (cells > 0) || r.Selected != cells {
			t.Errorf("only %s: %d cells, %v", pattern, r.Selected, verdictsOf(r))
		}
	}
}

// Cells of one benchmark and method on two datasets are told apart in print.
func TestNames(t *testing.T) {
	small := func(r *store.Run) { r.Manifest.Dataset.Name = "small" }
	base := mustNew(t, concat(old(), change(old(), small), cellRuns("fds", 0, 1)))
	worse := func(r *store.Run) { r.Events[0].FirstLoss = lossOf(1) }
	r := mustCompare(t, base, concat(old(), change(change(old(), small), worse), change(cellRuns("fds", 0, 1), worse)),
		DefaultOptions())
	var got []string
	for _, row := range r.Rows {
		got = append(got, row.Cell)
	}
	if want := []string{"agedb-dir/lds (small, tiny, paper, best validation MAE)", "agedb-dir/fds",
		"agedb-dir/fds"}; !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
}
