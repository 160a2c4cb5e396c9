package kernels

import (
	"slices"
	"testing"
)

// TestProduct: products of matrices and of transposed ones, of all widths of blocks.
func TestProduct(t *testing.T) {
	for _, size := range [][3]int{{64, 20, 8}, {64, 1, 10}, {1, 10, 64}, {5, 50, 3}, {30, 16, 64}, {9, 70, 1}} {
		m, n, k := size[0], size[1], size[2]
		a, b := noise(m*k, 1), noise(k*n, 2)
		want := make([]float64, m*n)
		for i := range want {
			for j := range k {
				want[i] += float64(a[i/n*k+j]) * float64(b[j*n+i%n])
			}
		}
		across := func(x []float32, rows int) []float32 {
			y := make([]float32, len(x))
			columns := len(x) / rows
			Strided(y, x, []int{columns, rows}, []int{1, columns})
			return y
		}
		got := noise(m*n, 3)
		Product(got, a, b, m, n, k, k, 1, n, 1)
		compare(t, "a·b", got, want)
		got = noise(m*n, 3)
		Product(got, across(a, m), across(b, k), m, n, k, 1, m, 1, k)
		compare(t, "(aᵀ)ᵀ·(bᵀ)ᵀ", got, want)
	}
}

// TestSums: sums and maxima of rows, of columns and of all.
func TestSums(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 2}, {5, 7}, {4, 16}, {64, 30}, {9, 35}} {
		rows, columns := size[0], size[1]
		x := noise(rows*columns, 1)
		rowSums, columnSums, all := make([]float64, rows), make([]float64, columns), make([]float64, 1)
		for i, v := range x {
			rowSums[i/columns] += float64(v)
			columnSums[i%columns] += float64(v)
			all[0] += float64(v)
		}
		ofRows, ofColumns := noise(rows, 2), noise(columns, 3)
		RowSums(ofRows, x)
		ColumnSums(ofColumns, x)
		compare(t, "rows", ofRows, rowSums)
		compare(t, "columns", ofColumns, columnSums)
		compare(t, "all", []float32{Sum(x)}, all)
		RowMaxima(ofRows, x)
		ColumnMaxima(ofColumns, x)
		for i, v := range ofRows {
			if v != slices.Max(x[i*columns:][:columns]) {
				t.Errorf("maximum of row %d: %g", i, v)
			}
		}
		for c, v := range ofColumns {
			most := x[c]
			for r := range rows {
				most = max(most, x[r*columns+c])
			}
			if v != most {
				t.Errorf("maximum of column %d: %g, want %g", c, v, most)
			}
		}
	}
}

func TestStrided(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6} // [2, 3]
	for _, c := range []struct{ dims, steps, want []int }{
		{[]int{3, 2}, []int{1, 3}, []int{1, 4, 2, 5, 3, 6}},
		{[]int{2, 2, 3}, []int{0, 3, 1}, []int{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}},
		{[]int{3, 2}, []int{1, 0}, []int{1, 1, 2, 2, 3, 3}},
		{nil, nil, []int{1}},
	} {
		y := make([]float32, len(c.want))
		Strided(y, x, c.dims, c.steps)
		for i, want := range c.want {
			if y[i] != float32(want) {
				t.Fatalf("%v by %v: %v, want %v", c.dims, c.steps, y, c.want)
			}
		}
	}
}
