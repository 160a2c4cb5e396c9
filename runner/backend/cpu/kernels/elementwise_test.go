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
				t.Fatalf("value %d: sum %g, greater %v, where %v: %g, above: %g", i, sum[i], greater[i], condition[i], chosen[i],
					above[i])
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
