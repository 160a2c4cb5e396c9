package kernel

import (
	"math"
	"slices"
	"testing"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b)) }

// The values are those of the released code: SciPy's gaussian_filter1d of a unit impulse.
func TestWindows(t *testing.T) {
	tests := []struct {
		kernel Kernel
		lds    []float64 // up to the centre
		fds    []float64
	}{
		{Kernel{Gaussian, 5, 2}, []float64{0.85828524, 0.94582765, 1}, []float64{0.18625069, 0.20524768, 0.21700326}},
		{Kernel{Gaussian, 9, 1}, []float64{0.000335, 0.011109, 0.135335, 0.606531, 1},
			[]float64{.000134, .004432, .053991, .241971, .398943}},
		{Kernel{Gaussian, 7, 2}, []float64{.457984, .647634, .890047, 1}, nil},
		{Kernel{Triangle, 5, 0}, []float64{1. / 3, 2. / 3, 1}, []float64{1. / 9, 2. / 9, 3. / 9}},
		{Kernel{Laplacian, 3, 2}, []float64{math.Exp(-0.5), 1}, nil},
	}
	for _, tt := range tests {
		for name, pair := range map[string][2][]float64{"lds": {tt.kernel.LDSWindow(), tt.lds},
			"fds": {tt.kernel.FDSWindow(), tt.fds}} {
			got, want := pair[0], pair[1]
			for i := range want {
				if !near(got[i], want[i], 1e-6) || !near(got[len(got)-1-i], want[i], 1e-6) {
					t.Errorf("%+v %s: got %v, want %v and its mirror image", tt.kernel, name, got, want)
					break
				}
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, k := range []Kernel{{"box", 5, 2}, {Gaussian, 4, 2}, {Gaussian, 0, 2}, {Gaussian, 5, 0},
		{Laplacian, 5, math.NaN()},
		{Gaussian, 5, math.Inf(1)}, {Gaussian, 5, 1e9}, {Triangle, 1e9 + 1, 0}} {
		if k.Validate() == nil {
			t.Errorf("%+v is accepted", k)
		}
	}
	if err := (Kernel{Kind: Triangle, Size: 5}).Validate(); err != nil {
		t.Errorf("triang needs no sigma: %v", err)
	}
}

// By hand: the window of triang with 3 taps is 1/2, 1, 1/2.
func TestSmooth(t *testing.T) {
	for padding, want := range map[Padding][]float64{
		ZeroPadding:    {4, 6, 8, 4},
		ReflectPadding: {6, 6, 8, 4},
	} {
		if got := (Kernel{Triangle, 3, 0}).Smooth([]float64{4, 0, 8, 0}, padding); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", padding, got, want)
		}
	}
}
