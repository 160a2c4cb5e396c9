package metrics

import (
	"math"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// Four samples in three regions; the errors are 1, 3 (many), 0.5 (medium) and 4 (few).
var (
	identityLabels = []float32{2, 1, 10, 12}
	identityPreds  = []float32{3, 4, 6, 12.5}
	identityBins   = []int{0, 0, 2, 1}
)

func TestCheckIdentity(t *testing.T) {
	exact := append([]float32{2}, identityPreds[1:]...)
	for name, scores := range map[string]ByRegion{
		"labels":       Evaluate(identityLabels, identityPreds, identityBins, threeRegions, Options{}),
		"an exact hit": Evaluate(identityLabels, exact, identityBins, threeRegions, Options{}),
		"depth":        EvaluateDepth(identityLabels, identityPreds, identityBins, threeRegions),
		"nothing":      Evaluate(nil, nil, nil, threeRegions, Options{}),
		"no scores":    {},
	} {
		if err := CheckIdentity(scores, 1e-9); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A figure that is off by a thousandth, in the whole or in a region, is found in every metric that has the identity.
func TestCheckIdentityFindsEveryFigure(t *testing.T) {
	evaluations := []func() ByRegion{
		func() ByRegion {
			return Evaluate(identityLabels, identityPreds, identityBins, threeRegions, Options{Spreads: []float32{9, 1, 8, 7}})
		},
		func() ByRegion { return EvaluateDepth(identityLabels, identityPreds, identityBins, threeRegions) },
	}
	checked := map[Metric]bool{}
	for _, evaluate := range evaluations {
		for m := range evaluate()[All].Values {
			for _, region := range []datasets.Region{All, datasets.Many, datasets.Medium} {
				scores := evaluate()
				if !m.HasIdentity() || scores[region].Values[m] == 0 {
					continue
				}
				checked[m] = true
				scores[region].Values[m] *= 1 + 1e-3
				if err := CheckIdentity(scores, 1e-6); err == nil || !strings.HasPrefix(err.Error(), m.Label()+" All is ") {
					t.Errorf("%s of %s: error %v", m, region, err)
				}
			}
		}
	}
	if len(checked) != len(choose(func(d declaration) bool { return d.mean != nil })) {
		t.Errorf("checked %v, want all of the %d metrics", checked,
			len(choose(func(d declaration) bool { return d.mean != nil })))
	}
}

func TestCheckIdentityFindsSizesAndGaps(t *testing.T) {
	tests := []struct {
		name   string
		damage func(ByRegion)
		want   string
	}{
		{"a region is missing", func(s ByRegion) { s[datasets.Few] = Scores{} }, "the regions hold 3, All 4"},
		{"a region has no value", func(s ByRegion) { s[datasets.Few].Values[MAE] = Undefined() },
			"MAE All is 2.125, but a region has none"},
		{"a zero that All ignores", func(s ByRegion) { s[datasets.Few].Values[GM] = 0 }, "GM All is 1.5"},
		{"a zero that no region has", func(s ByRegion) { s[All].Values[GM] = 0 }, "GM All is 0, but"},
	}
	for _, tt := range tests {
		scores := Evaluate(identityLabels, identityPreds, identityBins, threeRegions, Options{})
		tt.damage(scores)
		if err := CheckIdentity(scores, 1e-6); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// The masked test set of NYUD2-DIR has as many pixels in each of its 93 bins, so that numbers of bins serve as sizes.
// The row is the RMSE of the official LDS+FDS model (nyud2-dir/README.md), three decimals.
func TestCheckIdentityOfPublishedRow(t *testing.T) {
	rmse := func(n int, v Value) Scores { return Scores{N: n, Values: map[Metric]Value{RMSE: v}} }
	row := ByRegion{All: rmse(93, 1.301), datasets.Many: rmse(39, 0.731), datasets.Medium: rmse(15, 0.832),
		datasets.Few: rmse(39, 1.799)}
	if err := CheckIdentity(row, 1e-3); err != nil {
		t.Error(err)
	}
	row[All].Values[RMSE] = Value((39*0.731 + 15*0.832 + 39*1.799) / 93) // the mean of the roots
	if err := CheckIdentity(row, 1e-3); err == nil {
		t.Errorf("%v passed as RMSE of all", row[All].Values[RMSE])
	}
	if math.IsNaN(float64(row[All].Values[RMSE])) {
		t.Error("the broken figure is undefined, so that nothing was tested")
	}
}
