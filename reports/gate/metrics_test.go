package gate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

func bySeed(first int64, list ...float64) map[int64]float64 {
	m := map[int64]float64{}
	for i, v := range list {
		m[first+int64(i)] = v
	}
	return m
}

// The p-values are those of SciPy 1.17: ttest_rel and ttest_ind(equal_var=False), alternative "greater".
func TestPValues(t *testing.T) {
	tests := []struct {
		name     string
		metric   metrics.Metric
		old, now map[int64]float64
		test     Test
		p        float64
		worse    float64
	}{
		{"paired", metrics.MAE, bySeed(0, 7.1, 7.4, 6.9, 7.2), bySeed(0, 7.9, 7.8, 7.7, 7.6), Paired, 0.006923416494429563,
			0.6 / 7.15},
		{"paired, better", metrics.MAE, bySeed(0, 7.9, 7.8, 7.7, 7.6), bySeed(0, 7.1, 7.4, 6.9, 7.2), Paired,
			1 - 0.006923416494429563, -0.6 / 7.75},
		{"paired, of common seeds", metrics.MAE, bySeed(0, 7.1, 7.4, 6.9, 7.2, 99), bySeed(-1, 99, 7.9, 7.8, 7.7, 7.6),
			Paired, 0.006923416494429563, 0.6 / 7.15},
		{"Welch", metrics.MAE, bySeed(0, 7.1, 7.4, 6.9, 7.2), bySeed(4, 7.9, 7.8, 7.7, 7.6, 8.5), Welch, 0.003093142029551339,
			0.75 / 7.15},
		{"Welch, two common seeds", metrics.MAE, bySeed(0, 7.1, 7.4, 6.9, 7.2), bySeed(2, 7.9, 7.8, 7.7, 7.6, 8.5), Welch,
			0.003093142029551339, 0.75 / 7.15},
		{"a correlation", metrics.Pearson, bySeed(0, 0.81, 0.80, 0.84), bySeed(0, 0.70, 0.74, 0.71), Paired,
			0.020352890456690472, 0.1},
		{"equal", metrics.MAE, bySeed(0, 7.1, 7.4, 6.9), bySeed(0, 7.1, 7.4, 6.9), Paired, 1, 0},
		{"constant worsening", metrics.MAE, bySeed(0, 4, 5, 6), bySeed(0, 4.5, 5.5, 6.5), Paired, 0, 0.1},
		{"constant improvement", metrics.MAE, bySeed(0, 4.5, 5.5, 6.5), bySeed(0, 4, 5, 6), Paired, 1, -0.5 / 5.5},
		{"constant fall", metrics.Pearson, bySeed(0, 0.5, 0.75, 1), bySeed(0, 0.25, 0.5, 0.75), Paired, 0, 0.25},
		{"constants, worse", metrics.MAE, bySeed(0, 4, 4, 4), bySeed(5, 5, 5, 5), Welch, 0, 0.25},
		{"constants, better", metrics.MAE, bySeed(0, 5, 5, 5), bySeed(5, 4, 4, 4), Welch, 1, -0.2},
		{"constants, equal", metrics.MAE, bySeed(0, 5, 5, 5), bySeed(5, 5, 5, 5), Welch, 1, 0},
		{"from no error at all", metrics.MAE, bySeed(0, 0, 0, 0), bySeed(0, 1, 1, 1), Paired, 0, math.Inf(1)},
	}
	for _, tt := range tests {
		c, ok := compare(tt.metric, newSample(tt.old), newSample(tt.now), 3)
		if !ok || c.test != tt.test || math.Abs(c.p-tt.p) > 1e-9 || c.worsening != tt.worse &&
			math.Abs(c.worsening-tt.worse) > 1e-12 {
			t.Errorf("%s: test %s, p %.12g, worsening %v (%v), want %s, %.12g, %v", tt.name, c.test, c.p, c.worsening, ok,
				tt.test, tt.p, tt.worse)
		}
	}
	for _, n := range []int{0, 1, 2} {
		if _, ok := compare(metrics.MAE, newSample(bySeed(0, 1, 2, 3)), newSample(bySeed(0, []float64{1, 2}[:n]...)), 3); ok {
			t.Errorf("%d seeds are tested", n)
		}
	}
}

// Of many checks of unchanged code at most the share alpha fails, whatever the thresholds of the effect; and not much
// fewer where the comparisons are independent, else the test would have no power.
func TestFalsePositiveRate(t *testing.T) {
	const families = 2000
	opts := DefaultOptions()
	opts.Alert, opts.Fail = 0, 0
	for _, first := range []int64{0, 100} { // the baseline's seeds, and others
		random := rand.New(rand.NewPCG(4, uint64(first)))
		failed := 0
		for range families {
			base := mustNew(t, randomRuns(random, 0))
			r := mustCompare(t, base, randomRuns(random, first), opts)
			if r.Comparisons != 2*2*4 {
				t.Fatalf("%d comparisons, want 16", r.Comparisons)
			}
			if r.Failed {
				failed++
			}
		}
		// Four standard deviations of the binomial distribution.
		mean := opts.Alpha * families
		slack := 4 * math.Sqrt(mean*(1-opts.Alpha))
		t.Logf("seeds from %d: %d of %d clean checks fail", first, failed, families)
		if float64(failed) > mean+slack || float64(failed) < mean-slack {
			t.Errorf("seeds from %d: %d of %d clean checks fail, want %.0f ± %.0f", first, failed, families, mean, slack)
		}
	}
}

// randomRuns are two methods with four seeds whose metrics are independent normal numbers.
func randomRuns(random *rand.Rand, first int64) []store.Run {
	var runs []store.Run
	for _, method := range []string{"vanilla", "lds"} {
		for seed := first; seed < first+4; seed++ {
			run := testRun(method, seed, 0, 0)
			for _, region := range metrics.Regions {
				values := run.Results["test"][region].Values
				values[metrics.MAE] = metrics.Value(8 + 0.5*random.NormFloat64())
				values[metrics.Pearson] = metrics.Value(0.5 + 0.1*random.NormFloat64())
			}
			runs = append(runs, run)
		}
	}
	return runs
}
