package kernels

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestArithmetic compares with one value at a time: vectors round as scalars do.
func TestArithmetic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := func(n int) []float32 {
		list := make([]float32, n)
		for i := range list {
			list[i] = float32(random.NormFloat64())
		}
		return list
	}
	for _, n := range []int{1, 7, 8, 19, 64} {
		a, b, one := values(n), values(n), values(1)
		registers := [][]float32{a, b, one, make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)}
		Arithmetic([]Instruction{{OpAdd, 3, 0, 2}, {OpSub, 4, 2, 1}, {OpMul, 5, 3, 4}, {OpSqrt, 6, 1, 1}, {OpDiv, 7, 5, 6}}, registers)
		for i := range n {
			sum := a[i] + one[0]
			difference := one[0] - b[i]
			product := sum * difference
			root := float32(math.Sqrt(float64(b[i])))
			want := []float32{sum, difference, product, root, product / root}
			for r, w := range want {
				if got := registers[3+r][i]; got != w && !(math.IsNaN(float64(got)) && math.IsNaN(float64(w))) {
					t.Errorf("%d values, register %d, value %d: %g, want %g", n, 3+r, i, got, w)
				}
			}
		}
	}
}
