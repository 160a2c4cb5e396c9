package reports

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// withSpread gives a run figures of its spreads that differ by region, of 60, 30 and 10 samples.
func withSpread(r store.Run, nll, coverage float64) store.Run {
	r.Manifest.SpreadLaw = metrics.Laplace
	for i, region := range metrics.Regions {
		values, step := r.Results["test"][region].Values, []float64{0.05, 0, 0.1, 0.2}[i]
		values[metrics.NLL], values[metrics.Coverage50] = metrics.Value(nll+step), metrics.Value(coverage-step)
		values[metrics.Coverage90], values[metrics.AUSE] = metrics.Value(0.9-step), metrics.Value(0.3+step)
	}
	return r
}

func spreadRuns() []store.Run {
	return []store.Run{
		testRun("vanilla", 0, 6, 8, 12), testRun("vanilla", 1, 7, 8, 13),
		withSpread(testRun("uvote", 0, 6, 7, 9), 3.2, 0.45), withSpread(testRun("uvote", 1, 6, 7, 10), 3.4, 0.47),
		withSpread(testRun("uvote+ranksim", 0, 6, 7, 9), 3, 0.6),
	}
}

// TestUncertainty: methods with a spread have a table of it, and the others no place in it.
func TestUncertainty(t *testing.T) {
	tables, err := Build(spreadRuns(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkGoldenReport(t, "uncertainty", Report{Tables: tables})
}

// TestUncertaintyColumns: asked for, the figures are columns, with nothing for methods without a spread, and no
// warning.
func TestUncertaintyColumns(t *testing.T) {
	tables, err := Build(spreadRuns(), Options{Metrics: []metrics.Metric{metrics.NLL, metrics.Coverage50},
		Baseline: "vanilla"})
	if err != nil {
		t.Fatal(err)
	}
	table := tables[0]
	if table.Uncertainty != nil || len(table.Columns) != 8 {
		t.Errorf("%d columns, uncertainty %v", len(table.Columns), table.Uncertainty)
	}
	if got := table.Rows[0].Cells[0].Text; got != undefinedText {
		t.Errorf("vanilla has the NLL %s", got)
	}
	for _, w := range table.Warnings {
		if w.Kind == WarnUndefined {
			t.Error(w.Text)
		}
	}
	// In the many-shot region 0.46 is nearer to 0.5 than 0.6.
	if a, b := table.Rows[1].Cells[5], table.Rows[2].Cells[5]; !a.Bold || b.Bold || !strings.HasPrefix(a.Text, "0.460") {
		t.Errorf("coverages %+v and %+v", a, b)
	}
}
