package kernels

// The functions in this file work on rows of as many values as there are channels, from channel first on.

func addRowsGeneric(sum, x []float32, first int) {
	for ; len(x) > 0; x = x[len(sum):] {
		for c := first; c < len(sum); c++ {
			sum[c] += x[c]
		}
	}
}

func addSquaresGeneric(sum, x, mean []float32, first int) {
	for ; len(x) > 0; x = x[len(sum):] {
		for c := first; c < len(sum); c++ {
			d := x[c] - mean[c]
			sum[c] += d * d
		}
	}
}

func addProductsGeneric(sum, product, dy, x, mean []float32, first int) {
	for ; len(x) > 0; x, dy = x[len(sum):], dy[len(sum):] {
		for c := first; c < len(sum); c++ {
			sum[c] += dy[c]
			product[c] += dy[c] * (x[c] - mean[c])
		}
	}
}

func affineRowsGeneric(y, x, mean, factor, offset []float32, first int) {
	for ; len(x) > 0; x, y = x[len(mean):], y[len(mean):] {
		for c := first; c < len(mean); c++ {
			y[c] = (x[c]-mean[c])*factor[c] + offset[c]
		}
	}
}

func combineRowsGeneric(dx, dy, x, mean, factor, slope, shift []float32, first int) {
	for ; len(x) > 0; x, dx, dy = x[len(mean):], dx[len(mean):], dy[len(mean):] {
		for c := first; c < len(mean); c++ {
			dx[c] = dy[c]*factor[c] + (x[c]-mean[c])*slope[c] + shift[c]
		}
	}
}
