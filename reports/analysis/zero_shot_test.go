package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

func TestPartsOf(t *testing.T) {
	const i, e, s = Interpolation, Extrapolation, Trained
	for _, tt := range []struct {
		counts []int
		want   []Part
	}{
		{[]int{0, 3, 0, 0, 1, 0}, []Part{e, s, i, i, s, e}},
		{[]int{1, 1}, []Part{s, s}},
		{[]int{0, 0}, []Part{e, e}},
	} {
		if got := PartsOf(tt.counts); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.counts, got, tt.want)
		}
	}
}

// By hand, errors 1, -3 between training labels, 4 beyond and 2 where there are some.
func TestZeroShot(t *testing.T) {
	counts := []int{5, 0, 0, 2, 0}
	run := testRun(t, counts, sample(0, 2), sample(1, 1), sample(2, -3), sample(4, 4))
	tables, _, err := Tables([]store.Run{run}, "", datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	z := NewZeroShot(tables[0].Methods[0], datasets.Test)
	inside, beyond, trained := z.Parts[Interpolation], z.Parts[Extrapolation], z.Parts[Trained]
	if inside.N != 2 || inside.Bins != 2 || inside.Labels != "1–2" || beyond.Labels != "4+" || trained.Labels != "0" {
		t.Errorf("parts %+v", z.Parts)
	}
	for m, want := range map[metrics.Metric]float64{metrics.MAE: 2, metrics.RMSE: math.Sqrt(5), metrics.GM: math.Sqrt(3)} {
		if got := inside.Seeds[m]; len(got) != 1 || !near(got[0], want) {
			t.Errorf("%s: %v, want %v", m, got, want)
		}
	}
	run.Manifest.Dataset.TrainCounts = []int{5, 1, 1, 2, 1}
	tables, _, _ = Tables([]store.Run{run}, "", datasets.Test)
	text := markdown(t, ZeroShotSheet(tables[0], []ZeroShot{NewZeroShot(tables[0].Methods[0], datasets.Test)}))
	if !strings.Contains(text, "every bin with samples has training labels") || !strings.Contains(text, "— |") {
		t.Errorf("without empty bins:\n%s", text)
	}
}
