//go:build !amd64 || !goexperiment.simd

package kernels

func addRows(sum, x []float32) { addRowsGeneric(sum, x, 0) }

func addSquares(sum, x, mean []float32) { addSquaresGeneric(sum, x, mean, 0) }

func addProducts(sum, product, dy, x, mean []float32) {
	addProductsGeneric(sum, product, dy, x, mean, 0)
}

func affineRows(y, x, mean, factor, offset []float32) {
	affineRowsGeneric(y, x, mean, factor, offset, 0)
}

func combineRows(dx, dy, x, mean, factor, slope, shift []float32) {
	combineRowsGeneric(dx, dy, x, mean, factor, slope, shift, 0)
}

func sumColumns(y, x []float32) { sumColumnsFrom(0, y, x) }

func addValues(y, a, b []float32, aStep, bStep int) { addGeneric(y, a, b, aStep, bStep) }

func aboveValues(y, x []float32, limit float32, a, b []float32, aStep, bStep int) {
	aboveGeneric(y, x, limit, a, b, aStep, bStep)
}

func arithmetic(op Op, y, a, b []float32, aStep, bStep int) {
	arithmeticFrom(0, op, y, a, b, aStep, bStep)
}

func countAhead(ahead []int32, values []float32, n int) { aheadFrom(0, ahead, values, n) }

func endVectors() {}

func cellForward(gates, cell, hidden, before, z, bias []float32) {
	cellForwardGeneric(gates, cell, hidden, before, z, bias, 0)
}

func cellBackward(dz, dCell, dState, dHidden, gates, cell, before []float32) {
	cellBackwardGeneric(dz, dCell, dState, dHidden, gates, cell, before, 0)
}
