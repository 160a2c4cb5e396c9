package analysis

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// of makes a run one of a method, seed and number of epochs.
func of(r store.Run, method string, seed int64, epochs int) store.Run {
	r.Manifest.Method, r.Manifest.Seed = method, seed
	r.Manifest.Config = json.RawMessage(fmt.Sprintf(`{"method": %q, "seed": %d, "epochs": %d}`, method, seed, epochs))
	return r
}

func TestTables(t *testing.T) {
	run := func() store.Run { return testRun(t, []int{5, 1}, sample(0, 1), sample(1, 3)) }
	failed, lost, other := of(run(), "vanilla", 2, 1), of(run(), "fds", 0, 1), of(run(), "vanilla", 0, 1)
	failed.Status.State = store.Failed
	if err := os.Remove(filepath.Join(lost.Dir, store.PredictionsFile)); err != nil {
		t.Fatal(err)
	}
	other.Manifest.Benchmark = "other"
	runs := []store.Run{of(run(), "vanilla", 1, 1), of(run(), "vanilla", 0, 1), of(run(), "lds", 0, 1),
		of(run(), "lds", 0, 2), failed, lost, other}
	tables, damaged, err := Tables(runs, "", datasets.Test)
	if err != nil || len(tables) != 2 || len(damaged) != 1 || damaged[0].Dir != lost.Dir {
		t.Fatalf("%d tables, damaged %v, %v", len(tables), damaged, err)
	}
	first := tables[0]
	if len(first.Methods) != 3 || first.Missing != 2 || first.Methods[0].Label != "vanilla" ||
		len(first.Methods[0].Bins) != 2 {
		t.Errorf("%d methods, %d missing, first %q with %d seeds", len(first.Methods), first.Missing, first.Methods[0].Label,
			len(first.Methods[0].Bins))
	}
	if got := first.Methods[0].Seeds(); got[0] != 0 || got[1] != 1 {
		t.Errorf("seeds %v", got)
	}
	if label := first.Methods[1].Label; label != "lds ("+first.Methods[1].Config+")" {
		t.Errorf("label %q of one of two configurations", label)
	}
	if tables, _, err := Tables(runs, "l*", datasets.Test); err != nil || len(tables) != 1 || len(tables[0].Methods) != 2 {
		t.Errorf("l*: %d tables, %v", len(tables), err)
	}
}

func TestSummary(t *testing.T) {
	for want, values := range map[string][]metrics.Value{
		"2.00 ± 1.41": {1, 3}, "1.50": {1.5}, "—": {1, metrics.Undefined()},
	} {
		if got := summary(values, 2); got.Text != want {
			t.Errorf("%v: %q, want %q", values, got.Text, want)
		}
	}
	if got := summary(nil, 2); got.Text != "—" || got.Value != nil {
		t.Errorf("nothing: %+v", got)
	}
}

func TestLabelRanges(t *testing.T) {
	age, stsb := datasets.AgeSpace(), datasets.STSBSpace()
	in := func(bins ...int) func(int) bool {
		chosen := map[int]bool{}
		for _, b := range bins {
			chosen[b] = true
		}
		return func(b int) bool { return chosen[b] }
	}
	for want, got := range map[string]string{
		"30–32, 40, 119–120+": labelRanges(age, in(30, 31, 32, 40, 119, 120)),
		"120+":                labelRanges(age, in(120)),
		"0.3–0.5, 4.9–5":      labelRanges(stsb, in(3, 4, 49)),
		"":                    labelRanges(age, in()),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func markdown(t *testing.T, sheets ...reports.Sheet) string {
	t.Helper()
	var text strings.Builder
	if err := reports.Markdown(&text, reports.NewDocument(nil, sheets...)); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
