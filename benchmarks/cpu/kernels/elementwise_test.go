package kernels

import (
	"math"
	"testing"
)

func TestElementwise(t *testing.T) {
	const n = 10000
	a, b := noise(n, 1), noise(n, 2)
	one := []float32{0.25}
	condition := make([]bool, n)
	for i := range condition {
		condition[i] = a[i]*b[i] > 0
	}
	at := func(values []float32, i int) float32 { return values[min(i, len(values)-1)] }
	for _, pair := range [][2][]float32{{a, b}, {a, one}, {one, b}} {
		sum, chosen, above, greater := noise(n, 3), noise(n, 4), noise(n, 5), make([]bool, n)
		Add(sum, pair[0], pair[1])
		Greater(greater, pair[0], pair[1])
		Where(chosen, condition, pair[0], pair[1])
		Above(above, b, 0.5, pair[0], pair[1])
		for i := range n {
			va, vb := at(pair[0], i), at(pair[1], i)
			want := vb
			if condition[i] {
				want = va
			}
			limited := vb
			if b[i] > 0.5 {
				limited = va
			}
			if above[i] != limited || greater[i] != (va > vb) || chosen[i] != want || sum[i] != va+vb {
				t.Fatalf("value %d: sum %g, greater %v, where %v: %g, above: %g", i, sum[i], greater[i], condition[i], chosen[i], above[i])
			}
		}
	}
}

// TestWhereKeepsBits: what is not chosen does not matter, whatever it is.
func TestWhereKeepsBits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	y := make([]float32, 4)
	Where(y, []bool{true, false, false, true}, []float32{1, nan, inf, inf}, []float32{nan, 2, nan, nan})
	if y[0] != 1 || y[1] != 2 || y[2] == y[2] || y[3] != inf {
		t.Errorf("got %v", y)
	}
}

// TestTranscendental: a few units in the last place, over the whole range, with the limits of both ends.
func TestTranscendental(t *testing.T) {
	var x []float32
	for i := -4000; i <= 4000; i++ {
		x = append(x, float32(i)/100, float32(i)/4000, float32(i)*1e-6)
	}
	x = append(x, 200, -200, 0, float32(math.Inf(1)), float32(math.Inf(-1)))
	sigma, tanh := make([]float32, len(x)), make([]float32, len(x))
	Logistic(sigma, x)
	Tanh(tanh, x)
	for i, v := range x {
		wantSigma, wantTanh := 1/(1+math.Exp(-float64(v))), math.Tanh(float64(v))
		if math.Abs(float64(sigma[i])-wantSigma) > 4e-7*wantSigma+1e-37 {
			t.Fatalf("logistic(%g) = %g, want %g", v, sigma[i], wantSigma)
		}
		if math.Abs(float64(tanh[i])-wantTanh) > 4e-7*math.Abs(wantTanh) {
			t.Fatalf("tanh(%g) = %g, want %g", v, tanh[i], wantTanh)
		}
	}
	// What is not a number stays so, in vectors and in what is left beside them.
	nan := make([]float32, 19)
	for i := range nan {
		nan[i] = float32(math.NaN())
	}
	for _, f := range []func(y, x []float32){Logistic, Tanh} {
		got := make([]float32, len(nan))
		f(got, nan)
		for i, v := range got {
			if v == v {
				t.Errorf("value %d of NaN is %g", i, v)
			}
		}
	}
}
