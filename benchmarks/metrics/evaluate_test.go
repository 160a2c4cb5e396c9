package metrics

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

var threeRegions = []datasets.Region{datasets.Many, datasets.Medium, datasets.Few}

func near(a Value, b float64) bool {
	return math.Abs(float64(a)-b) <= 1e-12*max(1, math.Abs(b))
}

// Hand-computed: errors 1, 3 in bin 0 (many) and 4 in bin 2 (few); medium is empty.
func TestEvaluateByHand(t *testing.T) {
	got := Evaluate([]float32{0, 1, 10}, []float32{1, 4, 6}, []int{0, 0, 2}, threeRegions, Options{})
	want := map[datasets.Region]map[Metric]float64{
		All: {MAE: 8. / 3, MSE: 26. / 3, RMSE: math.Sqrt(26. / 3), GM: math.Cbrt(12), BMAE: 3, BMSE: 10.5,
			Spearman: 1},
		datasets.Many: {MAE: 2, MSE: 5, RMSE: math.Sqrt(5), GM: math.Sqrt(3), BMAE: 2, BMSE: 5, Pearson: 1, Spearman: 1},
		datasets.Few:  {MAE: 4, MSE: 16, RMSE: 4, GM: 4, BMAE: 4, BMSE: 16},
	}
	for region, values := range want {
		for m, w := range values {
			if g := got[region].Values[m]; !near(g, w) {
				t.Errorf("%s %s = %v, want %v", region, m, g, w)
			}
		}
	}
	if g := got[datasets.Few].Values[Pearson]; g.Defined() {
		t.Errorf("Pearson of one sample = %v, want undefined", g)
	}
	if got[All].N != 3 || got[datasets.Many].N != 2 || got[datasets.Medium].N != 0 || got[datasets.Few].N != 1 {
		t.Errorf("sizes %v", got)
	}
}

// TestFigure: a metric alone is what it is among all.
func TestFigure(t *testing.T) {
	labels, preds, bins := []float32{1, 1, 4, 5}, []float32{2, 4, 8, 5.5}, []int{0, 0, 2, 2}
	for of, all := range map[string]Scores{"labels": Score(labels, preds, bins, Options{}),
		"depths": ScoreDepth(labels, preds, bins)} {
		for m, want := range all.Values {
			if got := Figure(m, labels, preds, bins, Options{}); got != want && (got.Defined() || want.Defined()) {
				t.Errorf("%s: %s = %v, want %v", of, m, got, want)
			}
		}
	}
	if v := Figure(NLL, labels, preds, bins, Options{}); v.Defined() {
		t.Errorf("NLL without spreads = %v, want undefined", v)
	}
}

func TestEmptyRegionIsUndefined(t *testing.T) {
	got := Evaluate(nil, nil, nil, threeRegions, Options{})
	for _, region := range Regions {
		s, ok := got[region]
		if !ok || s.N != 0 || len(s.Values) != 8 {
			t.Fatalf("%s = %+v, want N 0 and eight values", region, s)
		}
		for m, v := range s.Values {
			if v.Defined() {
				t.Errorf("%s %s = %v, want undefined", region, m, v)
			}
		}
	}
	raw, err := json.Marshal(got[datasets.Few])
	if err != nil || !strings.Contains(string(raw), `"mae":null`) {
		t.Errorf("JSON %s (%v), want null for mae", raw, err)
	}
	var back Scores
	if err := json.Unmarshal(raw, &back); err != nil || back.Values[MAE].Defined() {
		t.Errorf("read back %+v (%v), want undefined", back, err)
	}
}

func TestGMZeroPolicy(t *testing.T) {
	tests := []struct {
		policy ZeroPolicy
		want   float64
	}{{"", 0}, {ZeroMakesZero, 0}, {ZeroAsEpsilon, math.Sqrt(4e-10)}}
	for _, tt := range tests {
		got := Evaluate([]float32{1, 2}, []float32{1, 6}, []int{0, 0}, threeRegions, Options{GMZero: tt.policy})
		if g := got[All].Values[GM]; !near(g, tt.want) {
			t.Errorf("policy %q: GM = %v, want %v", tt.policy, g, tt.want)
		}
	}
}

func TestNotFinitePredictionIsUndefined(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
		got := Evaluate([]float32{1, 2, 3}, []float32{1.5, bad, 3.5}, []int{0, 0, 2}, threeRegions, Options{})
		for _, m := range []Metric{MAE, MSE, RMSE, GM, BMAE, BMSE, Pearson} {
			if v := got[All].Values[m]; v.Defined() {
				t.Errorf("prediction %v: %s = %v, want undefined", bad, m, v)
			}
		}
		if v := got[datasets.Few].Values[MAE]; v != 0.5 {
			t.Errorf("prediction %v: the few region is %v, want 0.5", bad, v)
		}
	}
}

func TestCorrelations(t *testing.T) {
	tests := []struct {
		name              string
		x, y              []float64
		pearson, spearman float64
	}{
		{"empty", nil, nil, math.NaN(), math.NaN()},
		{"one sample", []float64{1}, []float64{2}, math.NaN(), math.NaN()},
		{"constant whose mean is rounded", []float64{0.1, 0.1, 0.1}, []float64{1, 2, 3}, math.NaN(), math.NaN()},
		{"line", []float64{1, 2, 3}, []float64{-2, -4, -6}, -1, -1},
		// By hand: cross product 3, squares 2 and 5; on the ranks 1, 2.5, 2.5, 4: 4.5, 4.5 and 5.
		{"tie", []float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 3 / math.Sqrt(10), 4.5 / math.Sqrt(22.5)},
	}
	for _, tt := range tests {
		if p := Correlation(tt.x, tt.y); !same(p, tt.pearson) {
			t.Errorf("%s: pearson %v, want %v", tt.name, p, tt.pearson)
		}
		if s := spearman(tt.x, tt.y); !same(s, tt.spearman) {
			t.Errorf("%s: spearman %v, want %v", tt.name, s, tt.spearman)
		}
	}
}

func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-12
}

// Hand-computed: errors 1 and 3 in bin 0 (many), 4 in bin 2 (few), so that bMAE is (2+4)/2 and bMSE (5+16)/2.
func TestEvaluateDepthByHand(t *testing.T) {
	got := EvaluateDepth([]float32{1, 1, 4}, []float32{2, 4, 8}, []int{0, 0, 2}, threeRegions)
	want := map[datasets.Region]map[Metric]float64{
		All: {
			MAE: 8. / 3, MSE: 26. / 3, RMSE: math.Sqrt(26. / 3), BMAE: 3, BMSE: 10.5, BRMSE: math.Sqrt(10.5),
			AbsRel: 5. / 3, Log10: 4 * math.Log10(2) / 3, Delta1: 0, Delta3: 0,
		},
		datasets.Many: {MAE: 2, RMSE: math.Sqrt(5), BMAE: 2, BRMSE: math.Sqrt(5)},
		datasets.Few:  {MAE: 4, BMAE: 4, BMSE: 16, BRMSE: 4},
	}
	for region, values := range want {
		for m, w := range values {
			if g := got[region].Values[m]; !near(g, w) {
				t.Errorf("%s %s = %v, want %v", region, m, g, w)
			}
		}
	}
	for m, v := range got[datasets.Medium].Values {
		if v.Defined() {
			t.Errorf("medium %s = %v, want undefined", m, v)
		}
	}
}

func TestNegativeDepthIsOutsideDelta(t *testing.T) {
	got := EvaluateDepth([]float32{1, 2}, []float32{-1, 2}, []int{0, 0}, threeRegions)
	if v := got[All].Values[Delta1]; v != 0.5 {
		t.Errorf("delta1 = %v, want 0.5", v)
	}
	if v := got[All].Values[Log10]; v.Defined() {
		t.Errorf("log10 of a negative prediction = %v, want undefined", v)
	}
}

func TestNames(t *testing.T) {
	if len(declared) != len(declarations) {
		t.Errorf("%d metrics with %d names", len(declarations), len(declared))
	}
	for _, d := range declarations {
		if (d.mean == nil) == (d.group == nil) || d.mean != nil && (d.mean.result == nil) != (d.mean.back == nil) {
			t.Errorf("%s: expected a mean with both of its transformations or none, or a group's figure", d.metric)
		}
	}
	for _, m := range Known {
		if got, err := ParseMetric(string(m)); err != nil || got != m || m.Label() == string(m) && m != Log10 {
			t.Errorf("%s: parsed %q (%v), label %q", m, got, err, m.Label())
		}
		higher := m == Pearson || m == Spearman || m == Delta1 || m == Delta2 || m == Delta3
		if m.HigherIsBetter() != higher {
			t.Errorf("%s: higher is better %v", m, !higher)
		}
	}
	if !Coverage90.Better(0.88, 0.95) || Coverage90.Better(0.95, 0.88) || Coverage50.Arrow() != "→ 0.5" {
		t.Error("a coverage is not the better the nearer it is to its nominal value")
	}
	for m, power := range map[Metric]int{RMSE: 1, BRMSE: 1, BMSE: 2, AbsRel: 0, Delta1: 0} {
		if m.UnitPower() != power {
			t.Errorf("%s: unit power %d, want %d", m, m.UnitPower(), power)
		}
	}
	if _, err := ParseMetric("maee"); err == nil ||
		!strings.Contains(err.Error(), `unknown metric "maee": expected one of mae`) {
		t.Errorf("error %v", err)
	}
	if _, err := ParseZeroPolicy("one"); err == nil {
		t.Error("the zero policy one was accepted")
	}
}
