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

// TestCos: each value has the bits that package math gives it, whatever its octant and neighbours.
func TestCos(t *testing.T) {
	x := noise(200003, 1)
	for i := range x {
		x[i] *= float32(math.Pow(10, float64(i%7-2)))
	}
	for i, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.NaN(), 1 << 20, 1e30, math.Pi, -math.Pi / 2, math.Pi / 4, 1e-40} {
		x[100+100*i] = float32(v)
	}
	y, want := make([]float32, len(x)), make([]float32, len(x))
	Cos(y, x)
	cosGeneric(want, x)
	for i := range want {
		if math.Float32bits(y[i]) != math.Float32bits(want[i]) {
			t.Fatalf("cos(%g) is %g, want %g", x[i], y[i], want[i])
		}
	}
}

func BenchmarkCos(b *testing.B) {
	x := noise(20000, 1)
	y := make([]float32, len(x))
	b.Run("vectors", func(b *testing.B) {
		for b.Loop() {
			Cos(y, x)
		}
	})
	b.Run("package math", func(b *testing.B) {
		for b.Loop() {
			cosGeneric(y, x)
		}
	})
}
