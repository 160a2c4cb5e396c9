package train

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// TestSelectionMetric: the events hold the chosen metric, and the stored predictions are those of its best epoch, the
// largest for a correlation.
func TestSelectionMetric(t *testing.T) {
	for _, metric := range []metrics.Metric{metrics.BMAE, metrics.Pearson} {
		run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.Longer(testsuite.Agedb), "vanilla",
			", selection: {metric: "+string(metric)+"}"))[0]
		trainAll(t, []*plan.Run{run})
		there, err := store.Load(run.Dir)
		if err != nil {
			t.Fatal(err)
		}
		best := there.Events[0].Val
		for _, e := range there.Events {
			if metric.Better(float64(e.Val), float64(best)) {
				best = e.Val
			}
		}
		stored := there.Results["val"][metrics.All].Values[metric]
		if math.Abs(float64(stored-best)) > 1e-6 || len(there.Events) != 3 {
			t.Errorf("%s: %v stored, best of %d checks %v", metric, stored, len(there.Events), best)
		}
		if got := there.Manifest.Selection; got.Metric != metric {
			t.Errorf("selection %q, want by %s", got, metric)
		}
	}
}
