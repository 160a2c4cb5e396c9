package methods

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
)

// TestUVOTE computes a batch by hand: 2 samples with outputs mu 1 and 3, scales 1 and 2, and labels 2 and 1 in bins of
// 4 and 16 samples. Weights of the second head are 1/5 and 1/16, for counts below 5 count as 5, over their mean 0.09.
func TestUVOTE(t *testing.T) {
	settings := newUVOTESettings(Traits{Benchmark: "agedb-dir"})
	prepared, err := uvotePrepare(Training{Counts: []int{4, 16}}, settings)
	if err != nil {
		t.Fatal(err)
	}
	ln2 := float32(math.Ln2)
	outputs := [][]float32{{1, 3, 0, ln2}, {1, 3, 0, ln2}}
	out := callOnce(t, func(in []*Node) []*Node {
		loss := uvoteLoss(&Step{Settings: settings, Prepared: prepared, Outputs: in[0], Target: in[1], Bin: in[2],
			Progress: in[3]})
		prediction, deviation := uvotePredict(in[0], settings)
		return []*Node{loss, prediction, deviation}
	}, outputs, []float32{2, 1}, []int32{0, 1}, float32(0.5))
	first := (math.Ln2 + 1 + math.Ln2) / 2
	second := (0.2/0.09*(2*math.Ln2+0.5) + 0.0625/0.09*(2*math.Ln2+1)) / 2
	if got, want := float64(out[0].Value().(float32)), first+0.25*second; !near(got, want, 1e-5) {
		t.Errorf("loss %g, want %g", got, want)
	}
	prediction, deviation := out[1].Value().([]float32), out[2].Value().([]float32)
	if prediction[0] != 1 || !near(float64(deviation[0]), math.Sqrt2, 1e-6) {
		t.Errorf("prediction %g ± %g, want 1 ± 1.414 of the head with the smaller scale", prediction[0], deviation[0])
	}
}

// TestUVOTEByLabel: on STS-B-DIR the weights follow from the density at the label: of labels 0, 0, 0 and 1 and a
// bandwidth of 0.5 it is as 3+e⁻² to 1+3e⁻².
func TestUVOTEByLabel(t *testing.T) {
	settings := newUVOTESettings(Traits{Benchmark: "sts-b-dir"})
	prepared, err := uvotePrepare(Training{Labels: []float32{0, 1, 0, 0}, LabelScale: 5}, settings)
	if err != nil {
		t.Fatal(err)
	}
	out := callOnce(t, func(in []*Node) []*Node {
		return []*Node{prepared.(uvoteWeights).of(&Step{Target: in[0]})}
	}, []float32{0.2, 0, 0.2})
	common, rare := 1/(3+math.Exp(-2)), 1/(1+3*math.Exp(-2))
	mean := (3*common + rare) / 4
	for i, want := range []float64{rare / mean, common / mean, rare / mean} {
		got := out[0].Value().([][]float32)[i]
		if got[0] != 1 || !near(float64(got[2]), want, 1e-5) || !(float64(got[1]-1)*(want-1) > 0) {
			t.Errorf("weights of sample %d are %v, want 1, one between, and %g", i, got, want)
		}
	}
}
