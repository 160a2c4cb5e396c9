package conformance

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	_ "github.com/dirbench/dirbench/runner/backend/cpu"
)

// vectorDir returns the folder of the official vectors or skips the test.
func vectorDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DIRBENCH_VECTORS")
	if dir == "" {
		dir = "../../../shared/vectors"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no conformance vectors: set DIRBENCH_VECTORS to their folder")
	}
	return dir
}

func TestOfficialVectors(t *testing.T) {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	results, err := Run(vectorDir(t), backend)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, r := range results {
		if r.Skipped != "" {
			t.Logf("%s: %s", r.File, r.Skipped)
			continue
		}
		for _, k := range checkers {
			kinds[k.prefix] = kinds[k.prefix] || strings.HasPrefix(r.File, k.prefix)
		}
		t.Logf("%-32s %6d values, max %.1e of %.0e  %s %s", r.File, r.Values, r.MaxError, r.Tolerance, r.Skipped,
			r.Error+strings.Join(r.Excepted, "; "))
		if !r.Passed() {
			t.Errorf("%s: error %.2e above %.0e at %s %s", r.File, r.MaxError, r.Tolerance, r.Where, r.Error)
		}
	}
	for prefix, seen := range kinds {
		if !seen {
			t.Errorf("no file of kind %s*", prefix)
		}
	}
}

func TestCompareExcepts(t *testing.T) {
	for _, k := range []struct {
		got, slack float64
		passed     bool
		excepted   int
	}{{1.0005, 1, true, 0}, {1.0015, 1, false, 0}, {1.0015, 2, true, 1}, {1.003, 2, false, 0}, {math.NaN(), 2, false, 0}} {
		c := &comparison{tolerance: 1e-3}
		if err := c.addLoosely("x", []float64{k.got}, []float64{1}, k.slack); err != nil {
			t.Fatal(err)
		}
		passed := Result{Values: c.values, MaxError: c.worst, Tolerance: c.tolerance}.Passed()
		if passed != k.passed || len(c.excepted) != k.excepted {
			t.Errorf("%+v: passed %v, excepted %q", k, passed, c.excepted)
		}
	}
}

// TestAgesAboveTheRange: ages from 120 on share a bin, whichever labels a file has.
func TestAgesAboveTheRange(t *testing.T) {
	c := &comparison{tolerance: 1e-6}
	err := checkAgeWeights(c, []byte(`{"max_target": 121, "train_count_per_label": {"30": 10, "120": 5, "150": 15}, "cases": [
		{"reweight": "inverse", "weight_per_label": {"30": 1.5, "120": 0.75, "150": 0.75}}]}`))
	if err != nil || c.values != 3 || c.worst > c.tolerance {
		t.Errorf("error %v, %d values, largest error %g at %s", err, c.values, c.worst, c.where)
	}
}
