package methods

import (
	"math"
	"strings"
	"testing"
)

// A rare label weighs more than a frequent one, and the analytic support is near the one that the published code
// finds.
func TestDenseWeight(t *testing.T) {
	labels := make([]float64, 100)
	labels[99] = 10
	w, err := DefaultDenseWeight().Fit(labels)
	if err != nil {
		t.Fatal(err)
	}
	if !(w.Weight(10) > 10*w.Weight(0)) {
		t.Errorf("weight %g of the rare label, %g of the frequent one", w.Weight(10), w.Weight(0))
	}
	settings := DefaultDenseWeight()
	settings.Bandwidth = 2
	if w, err = settings.Fit(labels); err != nil {
		t.Fatal(err)
	}
	if reach := -w.Grid[0]; math.Abs(reach-7.797) > 0.01 {
		t.Errorf("the grid begins %g below the labels, want 7.797 as published", reach)
	}
}

func TestDenseWeightRefuses(t *testing.T) {
	wide := DefaultDenseWeight()
	wide.Bandwidth = 5000
	for want, fit := range map[string]func() (*DensityWeights, error){
		"all 3 labels are equal": func() (*DensityWeights, error) { return DefaultDenseWeight().Fit([]float64{7, 7, 7}) },
		"no training labels":     func() (*DensityWeights, error) { return DefaultDenseWeight().Fit(nil) },
		"not a finite number": func() (*DensityWeights, error) {
			return DefaultDenseWeight().Fit([]float64{1, math.NaN()})
		},
		"expected less than 3989": func() (*DensityWeights, error) { return wide.Fit([]float64{1, 2}) },
	} {
		if _, err := fit(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
