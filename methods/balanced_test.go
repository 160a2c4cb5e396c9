package methods

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFitMixture(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed seed
	var labels []float64
	for i := range 4000 {
		mean, deviation := 20.0, 2.0
		if i%4 == 0 {
			mean, deviation = 60, 5
		}
		labels = append(labels, mean+deviation*random.NormFloat64())
	}
	m, err := FitMixture(labels, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][3]float64{{0.75, 20, 4}, {0.25, 60, 25}} {
		for i, got := range []float64{m.Weights[k], m.Means[k], m.Variances[k]} {
			if math.Abs(got-want[i]) > 0.1*want[i] {
				t.Errorf("component %d: parameter %d is %g, want about %g", k, i, got, want[i])
			}
		}
	}
}

func TestFitMixtureCounts(t *testing.T) {
	repeated, err := FitMixture([]float64{1, 1, 1, 4, 9, 9}, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	counted, err := FitMixture([]float64{9, 4, 1, 30}, []float64{2, 1, 3, 0}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 2 {
		if !near(repeated.Means[k], counted.Means[k], 1e-12) || !near(repeated.Variances[k], counted.Variances[k], 1e-12) {
			t.Errorf("component %d: %+v from repeated labels, %+v from counts", k, repeated, counted)
		}
	}
}

func TestFitMixtureRefuses(t *testing.T) {
	for _, tt := range []struct {
		labels, counts []float64
		components     int
		want           string
	}{
		{[]float64{1, 2}, nil, 0, "at least 1"},
		{[]float64{5, 5, 5}, nil, 2, "1 distinct values"},
		{[]float64{1, math.NaN()}, nil, 1, "position 1"},
		{[]float64{1, 2}, []float64{1}, 1, "1 counts for 2 labels"},
	} {
		if _, err := FitMixture(tt.labels, tt.counts, tt.components); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, %v, %d: error %v, want %q in it", tt.labels, tt.counts, tt.components, err, tt.want)
		}
	}
}

func TestLabelDensity(t *testing.T) {
	d, err := NewLabelDensity([]float64{10, 11, 12, 13}, []float64{1, 0, 3, 0}, nil)
	if err != nil || len(d.Centers) != 2 || d.Centers[1] != 12 || d.Density[1] != 0.75 {
		t.Errorf("%+v, error %v: want bins 10 and 12 with 0.25 and 0.75", d, err)
	}
	smoothed, err := NewLabelDensity([]float64{10, 11, 12, 13}, []float64{1, 0, 3, 0}, &Kernel{Kind: Triangle, Size: 3})
	if err != nil || len(smoothed.Centers) != 4 || !near(smoothed.Density[1], 2/(1+2+3+1.5), 1e-12) {
		t.Errorf("%+v, error %v: want all four bins, 4/15 at 11", smoothed, err)
	}
}
