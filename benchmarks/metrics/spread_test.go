package metrics

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// spreadCase has the errors 4, 1 and 3 with the spreads 1, 3 and 2. The first two samples are in the many-shot region.
func spreadCase(law Law) ByRegion {
	return Evaluate([]float32{0, 0, 0}, []float32{4, 1, -3}, []int{0, 0, 2}, threeRegions,
		Options{Spreads: []float32{1, 3, 2}, Law: law})
}

// Hand-computed. By spread the samples leave in the order 1, 3, 4, so that 8/3, 7/2 and 4 are left, by error 8/3, 2 and
// 1; the differences 0, 3/2 and 3 over 8/3 have the area (0.5625/2 + (0.5625+1.125)/2)/3.
func TestSpreadByHand(t *testing.T) {
	half, root := 0.5*math.Log(2*math.Pi), math.Sqrt2
	want := map[Law]map[Metric]float64{
		Gaussian: {
			NLL:        half + (math.Log(6)+8+1./18+9./8)/3,
			Coverage50: 1. / 3, Coverage90: 2. / 3, AUSE: 0.375, // half widths 0.674 and 1.645: errors of 4, 1/3, 3/2
		},
		Laplace: {
			NLL:        math.Log(root) + (math.Log(6)+root*(4+1./3+1.5))/3,
			Coverage50: 1. / 3, Coverage90: 2. / 3, AUSE: 0.375, // half widths 0.490 and 1.628
		},
	}
	for law, values := range want {
		got := spreadCase(law)
		for m, w := range values {
			if g := got[All].Values[m]; !near(g, w) {
				t.Errorf("%s: %s = %v, want %v", law, m, g, w)
			}
		}
		if g := got[datasets.Few].Values[Coverage90]; g != 1 {
			t.Errorf("%s: the few-shot sample is not covered", law)
		}
		if g := got[datasets.Few].Values[AUSE]; g.Defined() {
			t.Errorf("%s: AUSE of one sample is %v", law, g)
		}
		if err := CheckIdentity(got, 1e-9); err != nil {
			t.Error(err)
		}
	}
	if empty := spreadCase(""); empty[All].Values[NLL] != spreadCase(Gaussian)[All].Values[NLL] {
		t.Error("the law without a name is not the Gaussian one")
	}
}

// TestCoverageBounds tells the intervals of the two laws apart: 1.64 and 0.6 standard deviations.
func TestCoverageBounds(t *testing.T) {
	for _, tt := range []struct {
		law    Law
		error  float32
		metric Metric
		want   Value
	}{
		{Gaussian, 1.6448, Coverage90, 1}, {Gaussian, 1.6449, Coverage90, 0}, {Gaussian, 0.6744, Coverage50, 1},
		{Gaussian, 0.6746, Coverage50, 0},
		{Laplace, 1.6281, Coverage90, 1}, {Laplace, 1.6283, Coverage90, 0}, {Laplace, 0.4901, Coverage50, 1},
		{Laplace, 0.4902, Coverage50, 0},
	} {
		got := Evaluate([]float32{0}, []float32{tt.error}, []int{0}, threeRegions,
			Options{Spreads: []float32{1}, Law: tt.law})
		if g := got[All].Values[tt.metric]; g != tt.want {
			t.Errorf("%s, error %g: %s is %v, want %v", tt.law, tt.error, tt.metric, g, tt.want)
		}
	}
}

// TestAUSETies: equal spreads say nothing, so that MAE stays 8/3 on average: the differences 0, 2/3 and 5/3.
func TestAUSETies(t *testing.T) {
	ause := func(spreads ...float32) float64 {
		got := Evaluate([]float32{0, 0, 0}, []float32{4, 1, 3}, []int{0, 0, 0}, threeRegions, Options{Spreads: spreads})
		return float64(got[All].Values[AUSE])
	}
	if got, want := ause(1, 1, 1), (0.25/2+(0.25+0.625)/2)/3; !near(Value(got), want) {
		t.Errorf("equal spreads: %v, want %v", got, want)
	}
	if got := ause(9, 1, 2); got != 0 {
		t.Errorf("spreads in the order of errors: %v, want 0", got)
	}
}

// TestNoSpread: predictions without spreads have no such figure.
func TestNoSpread(t *testing.T) {
	got := Evaluate([]float32{0, 1}, []float32{1, 2}, []int{0, 0}, threeRegions, Options{})
	for _, m := range OfSpread {
		if _, there := got[All].Values[m]; there || !m.NeedsSpread() {
			t.Errorf("%s is there", m)
		}
	}
}
