package kernels

import "sync"

// The functions in this file are the operations of small computations, each on one core. Starting other goroutines, or
// a general form, would take longer than they do.

// Product computes y [m, n] = a·b of a [m, k] and b [k, n]. The values of a row, and of a column, of a and b are the
// given distances apart. Each sum begins with its first product.
func Product(y, a, b []float32, m, n, k, aRow, aColumn, bRow, bColumn int) {
	memory := packs.Get().(*[]float32)
	defer packs.Put(memory)
	for column := 0; column < n; {
		lanes := wideLanes
		if n-column <= narrowLanes {
			lanes = narrowLanes
		}
		part := block{channel: column, used: min(lanes, n-column), lanes: lanes}
		part.values = packed(memory, b[column*bColumn:], part, k, bRow, bColumn)
		p := panel{rows: 1, cols: k, xStep: aRow, xNext: aColumn, wNext: lanes, yStep: n}
		tiles(m, func(first, points int) { p.part(y[first*n+column:], a[first*aRow:], part, points) })
		column += lanes
	}
}

var packs = sync.Pool{New: func() any { return new([]float32) }}

// packed copies some columns of b to rows of as many values as the part has lanes.
func packed(memory *[]float32, b []float32, part block, rows, rowStep, step int) []float32 {
	if need := rows * part.lanes; cap(*memory) < need {
		*memory = make([]float32, need)
	}
	values := (*memory)[:rows*part.lanes]
	for row := range rows {
		into, from := values[row*part.lanes:][:part.lanes], b[row*rowStep:]
		if step == 1 {
			copy(into, from[:part.used])
		} else {
			for i := range part.used {
				into[i] = from[i*step]
			}
		}
		clear(into[part.used:])
	}
	return values
}

// Sum returns the sum of x in sixteen sums of every sixteenth value, which are then added up.
func Sum(x []float32) float32 {
	if len(x) < 16 {
		return rowSum(x)
	}
	var sums [16]float32
	n := copy(sums[:], x)
	for ; n+16 <= len(x); n += 16 {
		for i, v := range x[n:][:16] {
			sums[i] += v
		}
	}
	for i := range 4 {
		sums[i] = (sums[i] + sums[i+4]) + (sums[i+8] + sums[i+12])
	}
	return sumOfFour([4]float32(sums[:4]), x[n:])
}

// RowSums computes the sums y of the rows of x.
func RowSums(y, x []float32) {
	n := len(x) / len(y)
	for i := range y {
		y[i] = rowSum(x[i*n:][:n])
	}
}

// rowSum is the sum of every fourth value in four sums, which are then added up.
func rowSum(x []float32) float32 {
	if len(x) < 4 {
		return sumOf(0, x)
	}
	return sumOfFour([4]float32(x), x[4:])
}

// sumOfFour adds x to four sums, and returns the sum of these and of what remains.
func sumOfFour(sums [4]float32, x []float32) float32 {
	for ; len(x) >= 4; x = x[4:] {
		for i, v := range x[:4] {
			sums[i] += v
		}
	}
	return sumOf(sums[0]+sums[1]+sums[2]+sums[3], x)
}

func sumOf(sum float32, x []float32) float32 {
	for _, v := range x {
		sum += v
	}
	return sum
}

// ColumnSums computes the sums y of the columns of x, from the first row on.
func ColumnSums(y, x []float32) {
	defer endVectors()
	sumColumns(y, x)
}

// sumColumnsFrom computes the sums from column first on.
func sumColumnsFrom(first int, y, x []float32) {
	copy(y[first:], x[first:])
	for x = x[len(y):]; len(x) > 0; x = x[len(y):] {
		for c := first; c < len(y); c++ {
			y[c] += x[c]
		}
	}
}

// RowMaxima computes the maxima y of the rows of x.
func RowMaxima(y, x []float32) {
	n := len(x) / len(y)
	for i := range y {
		row := x[i*n:][:n]
		most := row[0]
		for _, v := range row[1:] {
			most = max(most, v)
		}
		y[i] = most
	}
}

// ColumnMaxima computes the maxima y of the columns of x.
func ColumnMaxima(y, x []float32) {
	copy(y, x)
	for x = x[len(y):]; len(x) > 0; x = x[len(y):] {
		for c := range y {
			y[c] = max(y[c], x[c])
		}
	}
}

// Each computes y = f(a, b) value by value.
func Each[R, T any](y []R, a, b []T, g Grid, f func(a, b T) R) {
	for row := range g.Rows {
		into, p, q := y[row*g.Columns:][:g.Columns], row*g.A.Row, row*g.B.Row
		for i := range into {
			into[i] = f(a[p], b[q])
			p, q = p+g.A.Column, q+g.B.Column
		}
	}
}

// Strided copies to y, of the given dimensions, the values of x that are the given distances apart along each axis.
func Strided[T any](y, x []T, dims, steps []int) {
	if len(dims) == 0 {
		y[0] = x[0]
		return
	}
	if len(dims) > 1 {
		size := len(y) / dims[0]
		for i := range dims[0] {
			Strided(y[i*size:][:size], x[i*steps[0]:], dims[1:], steps[1:])
		}
		return
	}
	switch steps[0] {
	case 0:
		for i := range y {
			y[i] = x[0]
		}
	case 1:
		copy(y, x)
	default:
		for i := range y {
			y[i] = x[i*steps[0]]
		}
	}
}

// Choose is y = a where the condition holds and b elsewhere. A slice of one value stands for that value everywhere.
func Choose(y []float32, condition []bool, a, b []float32) { whereValues(y, condition, a, b) }

// ChooseAbove is y = a where x is above the limit and b elsewhere.
func ChooseAbove(y, x []float32, limit float32, a, b []float32) {
	defer endVectors()
	var aCopies, bCopies [8]float32
	a, aStep := operand(a, 0, len(y), &aCopies)
	b, bStep := operand(b, 0, len(y), &bCopies)
	aboveValues(y, x, limit, a, b, aStep, bStep)
}
