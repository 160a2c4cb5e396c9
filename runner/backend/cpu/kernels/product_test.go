package kernels

import "testing"

func TestRowProducts(t *testing.T) {
	const pairs, rows, m, n = 2, 60, 10, 7
	a, b := noise(pairs*rows*m, 1), noise(pairs*rows*n, 2)
	want := make([]float64, pairs*m*n)
	for pair := range pairs {
		for r := range rows {
			for i := range m {
				for j := range n {
					want[(pair*m+i)*n+j] += float64(a[(pair*rows+r)*m+i]) * float64(b[(pair*rows+r)*n+j])
				}
			}
		}
	}
	got := noise(pairs*m*n, 4)
	RowProducts(got, a, b, pairs, m, n)
	compare(t, "aᵀ·b", got, want)
}

func TestSliceAndConcatenate(t *testing.T) {
	x := noise(3*4*5*6, 1)
	at := func(i, j, k, l int) float32 { return x[((i*4+j)*5+k)*6+l] }
	for _, c := range []struct{ first, end []int }{
		{[]int{0, 0, 0, 0}, []int{3, 4, 5, 6}}, {[]int{1, 0, 0, 0}, []int{2, 4, 5, 6}},
		{[]int{0, 1, 0, 0}, []int{3, 3, 5, 6}},
		{[]int{0, 1, 2, 3}, []int{2, 3, 5, 4}}, {[]int{2, 0, 0, 5}, []int{3, 4, 5, 6}},
	} {
		var want []float32
		for i := c.first[0]; i < c.end[0]; i++ {
			for j := c.first[1]; j < c.end[1]; j++ {
				for k := c.first[2]; k < c.end[2]; k++ {
					for l := c.first[3]; l < c.end[3]; l++ {
						want = append(want, at(i, j, k, l))
					}
				}
			}
		}
		got := noise(len(want), 2)
		Slice(got, x, []int{3, 4, 5, 6}, c.first, c.end)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%v to %v: value %d is %g, want %g", c.first, c.end, i, got[i], want[i])
			}
		}
	}
	got := make([]float32, 10)
	Concatenate(got, [][]float32{{1, 2, 3, 4}, {5, 6}, {7, 8, 9, 10}}, []int{2, 1, 2})
	for i, want := range []float32{1, 2, 5, 7, 8, 3, 4, 6, 9, 10} {
		if got[i] != want {
			t.Fatalf("got %v", got)
		}
	}
}
