//go:build amd64 && goexperiment.simd

package kernels

// Columns of eight channels go down the rows in vector registers; what remains of the channels is left to the generic
// form.

// whole is how many channels vectors can take.
func whole(channels int) int {
	if !haveAVX2 {
		return 0
	}
	return channels &^ 7
}

// The sums of even and odd rows are added up apart, so that an addition need not wait for the one before.

// addRows adds the rows of x to sum.
func addRows(sum, x []float32) {
	n := len(sum)
	for c := 0; c < whole(n) && len(x) > 0; c += 8 {
		even, odd, p, i := load8(&sum[c], 0), spreadValue(0), &x[0], c
		for ; i+n < len(x); i += 2 * n {
			even, odd = even.Add(load8(p, i)), odd.Add(load8(p, i+n))
		}
		if i < len(x) {
			even = even.Add(load8(p, i))
		}
		store8(&sum[c], 0, even.Add(odd))
	}
	addRowsGeneric(sum, x, whole(n))
}

// addSquares adds the squared deviations of x from mean to sum.
func addSquares(sum, x, mean []float32) {
	n := len(sum)
	for c := 0; c < whole(n) && len(x) > 0; c += 8 {
		even, odd, m, p, i := load8(&sum[c], 0), spreadValue(0), load8(&mean[c], 0), &x[0], c
		for ; i+n < len(x); i += 2 * n {
			d, e := load8(p, i).Sub(m), load8(p, i+n).Sub(m)
			even, odd = d.MulAdd(d, even), e.MulAdd(e, odd)
		}
		if i < len(x) {
			d := load8(p, i).Sub(m)
			even = d.MulAdd(d, even)
		}
		store8(&sum[c], 0, even.Add(odd))
	}
	addSquaresGeneric(sum, x, mean, whole(n))
}

// addProducts adds the rows of dy to sum, and their products with the deviations of x from mean to product. Its two
// sums do not wait for one another either.
func addProducts(sum, product, dy, x, mean []float32) {
	n := len(sum)
	for c := 0; c < whole(n) && len(x) > 0; c += 8 {
		s, q, m := load8(&sum[c], 0), load8(&product[c], 0), load8(&mean[c], 0)
		p, slope := &x[0], &dy[0]
		for i := c; i < len(x); i += n {
			d := load8(slope, i)
			s = s.Add(d)
			q = load8(p, i).Sub(m).MulAdd(d, q)
		}
		store8(&sum[c], 0, s)
		store8(&product[c], 0, q)
	}
	addProductsGeneric(sum, product, dy, x, mean, whole(n))
}

// affineRows is y = (x - mean)·factor + offset.
func affineRows(y, x, mean, factor, offset []float32) {
	n := len(mean)
	for c := 0; c < whole(n) && len(x) > 0; c += 8 {
		m, f, o := load8(&mean[c], 0), load8(&factor[c], 0), load8(&offset[c], 0)
		p, into := &x[0], &y[:len(x)][0]
		for i := c; i < len(x); i += n {
			store8(into, i, load8(p, i).Sub(m).MulAdd(f, o))
		}
	}
	affineRowsGeneric(y, x, mean, factor, offset, whole(n))
}

// combineRows is dx = dy·factor + (x - mean)·slope + shift.
func combineRows(dx, dy, x, mean, factor, slope, shift []float32) {
	n := len(mean)
	for c := 0; c < whole(n) && len(x) > 0; c += 8 {
		m, f, s, o := load8(&mean[c], 0), load8(&factor[c], 0), load8(&slope[c], 0), load8(&shift[c], 0)
		p, d, into := &x[0], &dy[:len(x)][0], &dx[:len(x)][0]
		for i := c; i < len(x); i += n {
			store8(into, i, load8(d, i).MulAdd(f, load8(p, i).Sub(m).MulAdd(s, o)))
		}
	}
	combineRowsGeneric(dx, dy, x, mean, factor, slope, shift, whole(n))
}

// sumColumns is sumColumnsFrom for all columns.
func sumColumns(y, x []float32) {
	n := len(y)
	for c := 0; c < whole(n); c += 8 {
		sum := load8(&x[c], 0)
		for i := c + n; i < len(x); i += n {
			sum = sum.Add(load8(&x[0], i))
		}
		store8(&y[c], 0, sum)
	}
	sumColumnsFrom(whole(n), y, x)
}
