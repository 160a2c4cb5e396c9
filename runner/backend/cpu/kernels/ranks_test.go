package kernels

import (
	"math/rand/v2"
	"testing"
)

func TestPositions(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 5, 8, 30, 67} {
		const rows = 9
		x, order, keep := make([]float32, rows*n), make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = float32(random.IntN(5)) // many are equal
		}
		for c, place := range random.Perm(n) {
			order[c], keep[c] = float32(place), float32(random.IntN(3))
		}
		got := noise(rows*n, 3)
		Positions(got, x, order, keep)
		for i, v := range x {
			row, own := x[i/n*n:][:n], i%n
			want := 0
			for c, other := range row {
				if keep[own] != 0 && keep[c] != 0 && (c == own || other > v || other == v && order[c] > order[own]) {
					want++
				}
			}
			if got[i] != float32(want) {
				t.Fatalf("%d columns, row %d, column %d: place %g, want %d", n, i/n, own, got[i], want)
			}
		}
	}
}
