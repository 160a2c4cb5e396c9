package kernels

import (
	"cmp"
	"slices"
)

// Positions computes the places y of the values of each row of x [rows, columns] in descending order, from 1 on, among
// the columns where keep [columns] is not 0. Of equal values that of the larger order [columns], which no two columns
// share, is first. The places of other columns are 0.
func Positions(y, x, order, keep []float32) {
	columns := byOrder(order, keep)
	n, lanes := len(order), (len(columns)+7)&^7
	rows := len(x) / n
	atOnce := max(1, 16*partSize/max(1, n*len(columns)))
	inParallel((rows+atOnce-1)/atOnce, func(part int) {
		values, ahead := make([]float32, lanes), make([]int32, lanes)
		for row := part * atOnce; row < min((part+1)*atOnce, rows); row++ {
			for i, c := range columns {
				values[i] = x[row*n+c]
			}
			countAhead(ahead, values, len(columns))
			into := y[row*n:][:n]
			clear(into)
			for i, c := range columns {
				into[c] = float32(1 + ahead[i])
			}
		}
	})
}

// byOrder returns the kept columns in ascending order.
func byOrder(order, keep []float32) (columns []int) {
	for c, kept := range keep {
		if kept != 0 {
			columns = append(columns, c)
		}
	}
	slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(order[a], order[b]) })
	return columns
}

// aheadFrom counts, for each of the first n values from the given one on, those of the n that are larger, and those
// that are equal and come later.
func aheadFrom(first int, ahead []int32, values []float32, n int) {
	for i := first; i < n; i++ {
		own, count := values[i], int32(0)
		for _, v := range values[:i] {
			if v > own {
				count++
			}
		}
		for _, v := range values[i+1 : n] {
			if v >= own {
				count++
			}
		}
		ahead[i] = count
	}
}
