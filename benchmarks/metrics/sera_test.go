package metrics

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/relevance"
)

// SERA is what the trapezoids over SER give, over all samples and as a sum over the regions.
func TestSERA(t *testing.T) {
	f, err := relevance.Parse("0:0,5:0.3,10:1")
	if err != nil {
		t.Fatal(err)
	}
	labels, preds := []float32{-1, 0, 2, 4, 5, 7.5, 10, 12}, []float32{0, 3, 1, 4.5, 9, 7, 8, 20}
	got := Evaluate(labels, preds, []int{0, 0, 0, 1, 1, 1, 2, 2}, threeRegions, Options{Relevance: &f})
	thresholds := make([]float64, 1001)
	for k := range thresholds {
		thresholds[k] = float64(k) * SeraStep
	}
	phi, squared := Relevances(labels, preds, f)
	ser := SER(phi, squared, thresholds)
	want := 0.0
	for k := 1; k < len(ser); k++ {
		want += SeraStep * (ser[k-1] + ser[k]) / 2
	}
	if v := float64(got[All].Values[SERA]); math.Abs(v-want) > 1e-9*want {
		t.Errorf("SERA %v, want %v", v, want)
	}
	var parts Value
	for _, r := range datasets.Regions {
		parts += got[r].Values[SERA]
	}
	if !near(got[All].Values[SERA], float64(parts)) {
		t.Errorf("SERA %v, the regions add up to %v", got[All].Values[SERA], parts)
	}
	if v := got[datasets.Few].Values[SERA]; !near(v, 4+64) || ser[1000] != 68 {
		t.Errorf("labels of relevance 1 with errors 2 and 8: SERA %v, SER(1) %v, want 68", v, ser[1000])
	}
	if _, ok := Evaluate(labels, preds, make([]int, 8), threeRegions, Options{})[All].Values[SERA]; ok {
		t.Error("SERA without a relevance")
	}
	if v := Evaluate(nil, nil, nil, threeRegions, Options{Relevance: &f})[All].Values[SERA]; v.Defined() {
		t.Errorf("SERA of nothing: %v", v)
	}
}

// The weight of a relevance at, just below and just above a threshold.
func TestSeraWeight(t *testing.T) {
	for phi, want := range map[float64]float64{
		-0.1: 0, 0: SeraStep / 2, SeraStep / 2: SeraStep / 2, 0.3: 0.3005, 3 * SeraStep: 0.0035,
		math.Nextafter(3*SeraStep, 0): 0.0025, 0.9995: 0.9995, 1: 1, 1.0001: 1,
	} {
		if got := seraWeight(phi); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", phi, got, want)
		}
	}
}
