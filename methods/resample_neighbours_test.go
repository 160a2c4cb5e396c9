package methods

import (
	"math"
	"math/rand/v2"
	deep "reflect" // the package has a function reflect
	"slices"
	"testing"
)

// apart returns the squared distance between rows by their descriptors.
func apart(rows []int, describe func(int) []float32) func(i, j int) float32 {
	return Resampler{}.squared(rows, describe)
}

// TestNeighbourhoods has rows 4, 5, 6 and 7 at 0, 1, 3 and 7.
func TestNeighbourhoods(t *testing.T) {
	at := map[int]float32{4: 0, 5: 1, 6: 3, 7: 7}
	rows := []int{4, 5, 6, 7}
	got := neighbourhoods(rows, apart(rows, func(row int) []float32 { return []float32{at[row], 2} }), 2, true)
	want := []neighbourhood{
		{[]int{5, 6}, []float64{1, 3}, 1.5}, // distances 1, 3, 7
		{[]int{4, 6}, []float64{1, 2}, 1},   // 1, 2, 6
		{[]int{5, 4}, []float64{2, 3}, 1.5}, // 2, 3, 4
		{[]int{6, 5}, []float64{4, 6}, 3},   // 4, 6, 7
	}
	if !deep.DeepEqual(got, want) {
		t.Errorf("neighbourhoods\n%v, want\n%v", got, want)
	}
	// Of an even number of distances, 1 and 3, the median is their mean; row 5 and row 6 are equally near to row 8.
	at = map[int]float32{4: 0, 5: 1, 6: 3, 8: 2}
	describe := func(row int) []float32 { return []float32{at[row]} }
	rows = []int{4, 5, 6}
	if pair := neighbourhoods(rows, apart(rows, describe), 5, true)[0]; pair.safe != 1 || len(pair.rows) != 2 {
		t.Errorf("three rows: %+v, want two neighbours and the safe radius 1", pair)
	}
	rows = []int{6, 5, 8}
	if tie := neighbourhoods(rows, apart(rows, describe), 1, false)[2]; tie.rows[0] != 5 {
		t.Errorf("neighbour %d, want 5, the first of two equally near", tie.rows[0])
	}
}

// BenchmarkNeighbourhoods has a rare region of IMDB-WIKI-DIR's order.
func BenchmarkNeighbourhoods(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	rows, points := make([]int, 4000), make([][]float32, 4000)
	for i := range rows {
		rows[i], points[i] = i, make([]float32, 64)
		for j := range points[i] {
			points[i][j] = random.Float32()
		}
	}
	for b.Loop() {
		neighbourhoods(rows, apart(rows, func(row int) []float32 { return points[row] }), 5, true)
	}
}

// TestMedianDistance compares with a sort.
func TestMedianDistance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for n := 1; n < 60; n++ {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(random.IntN(20)) // many are equal
		}
		sorted := slices.Sorted(slices.Values(values))
		want := (math.Sqrt(float64(sorted[(n-1)/2])) + math.Sqrt(float64(sorted[n/2]))) / 2
		if got := medianDistance(values); got != want {
			t.Errorf("%v: median %v, want %v", sorted, got, want)
		}
	}
}
