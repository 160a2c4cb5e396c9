package execute_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// silent observes nothing.
type silent struct{}

func (silent) Begin(*plan.Run, int, int)          {}
func (silent) Step(*plan.Run, int, int, int, int) {}
func (silent) Epoch(*plan.Run, store.Event)       {}
func (silent) Note(*plan.Run, string)             {}
func (silent) End(*plan.Run, store.Status, bool)  {}

// The finding that this field rests on must show on the twins: smoothed re-weighting trades a little many-shot error
// for less error where data is scarce. Margins are a fraction of the effect, which single seeds do not cross.
func TestLDSHelpsWhereDataIsScarce(t *testing.T) {
	if testing.Short() {
		t.Skip("trains twelve networks")
	}
	content, err := configs.Read("smoke")
	if err != nil {
		t.Fatal(err)
	}
	suite, err := plan.ParseSuite("smoke", content)
	if err != nil {
		t.Fatal(err)
	}
	suites := []*plan.Suite{suite}
	options := plan.Options{Data: t.TempDir(), Out: t.TempDir(), Seeds: []int64{0, 1, 2},
		Only: []string{"agedb-dir/vanilla/*", "agedb-dir/lds/*", "sts-b-dir/vanilla/*", "sts-b-dir/lds/*"}}
	if err := execute.MakeDatasets(plan.ToMake(suites, options), func(string) {}); err != nil {
		t.Fatal(err)
	}
	runs, err := plan.New(suites, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DIRBENCH_TEST_WORKER", "1") // makes this program a worker
	workers := &execute.Processes{Command: []string{os.Args[0]}, Backend: "go", CheckpointEvery: time.Hour, Threads: 1}
	scheduler := execute.Scheduler{Launcher: workers, Jobs: runtime.GOMAXPROCS(0), Observer: silent{}}
	outcomes, err := scheduler.Execute(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	mae := meanMAE(t, outcomes)
	for _, tt := range []struct {
		benchmark   string
		gain, price float64 // least gain in the few-shot region, largest price in the many-shot region
	}{{"agedb-dir", 1, 1.5}, {"sts-b-dir", 0.01, 0.08}} {
		vanilla, lds := mae[tt.benchmark+"/vanilla"], mae[tt.benchmark+"/lds"]
		t.Logf("%s: few %.3f -> %.3f, many %.3f -> %.3f", tt.benchmark, vanilla[datasets.Few], lds[datasets.Few],
			vanilla[datasets.Many], lds[datasets.Many])
		if vanilla[datasets.Few]-lds[datasets.Few] < tt.gain {
			t.Errorf("%s: LDS lowers few-shot MAE from %.3f to %.3f, want by %g at least", tt.benchmark, vanilla[datasets.Few],
				lds[datasets.Few], tt.gain)
		}
		if vanilla[datasets.Few] < vanilla[datasets.Many]+tt.gain {
			t.Errorf("%s: vanilla errs by %.3f in the few-shot region and by %.3f in the many-shot region: no imbalance shows",
				tt.benchmark, vanilla[datasets.Few], vanilla[datasets.Many])
		}
		if lds[datasets.Many]-vanilla[datasets.Many] > tt.price {
			t.Errorf("%s: LDS raises many-shot MAE from %.3f to %.3f, want by %g at most", tt.benchmark, vanilla[datasets.Many],
				lds[datasets.Many], tt.price)
		}
	}
}

// meanMAE averages the test MAE over seeds: BENCHMARK/METHOD, then region.
func meanMAE(t *testing.T, outcomes []execute.Outcome) map[string]map[datasets.Region]float64 {
	t.Helper()
	sums, counts := map[string]map[datasets.Region]float64{}, map[string]float64{}
	for _, o := range outcomes {
		run, err := store.Load(o.Run.Dir)
		if err != nil || run.Status.State != store.Done {
			t.Fatalf("%s: %v %+v", o.Run.Name(), err, o.Status)
		}
		key := o.Run.Config.Benchmark + "/" + o.Run.Config.Method
		if sums[key] == nil {
			sums[key] = map[datasets.Region]float64{}
		}
		counts[key]++
		for region, scores := range run.Results["test"] {
			sums[key][region] += float64(scores.Values[metrics.MAE])
		}
	}
	for key, regions := range sums {
		for region := range regions {
			regions[region] /= counts[key]
		}
	}
	return sums
}
