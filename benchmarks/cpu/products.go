package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/benchmarks/cpu/kernels"
)

// DotGeneral has kernels for the forms that products of rows with weights have, and for those of the gradient of weights, which are
// sums over rows: batches of matrices a·b and aᵀ·b. Small products have them too, for those of the pure Go backend leave vector
// registers in use, and what scalar code follows them in its segment is slow on Intel processors.
func (f *function) DotGeneral(a compute.Value, aSummed, aBatch []int, b compute.Value, bSummed, bBatch []int,
	config compute.DotGeneralConfig) (compute.Value, error) {
	out, err := f.one("DotGeneral", a, aSummed, aBatch, b, bSummed, bBatch, config)
	if err != nil || config != (compute.DotGeneralConfig{}) {
		return out, err
	}
	result := out.(*value)
	first, firstOK := matricesOf(a.(*value).shape, aSummed, aBatch)
	second, secondOK := matricesOf(b.(*value).shape, bSummed, bBatch)
	if !firstOK || !secondOK || !second.overRows || second.columns < 8 {
		return out, nil
	}
	multiply := kernels.Products
	if first.overRows {
		multiply = kernels.RowProducts
	}
	result.of.accelerate(func(out, in [][]float32) { multiply(out[0], in[0], in[1], first.count, first.columns, second.columns) })
	return out, nil
}

// matrices is a batch of matrices, whose rows or else columns are summed over.
type matrices struct {
	count, rows, columns int
	overRows             bool
}

// matricesOf sees a float32 operand as matrices: the batch axes come first, and the summed ones are all but the last axis or only that.
func matricesOf(shape shapes.Shape, summed, batch []int) (m matrices, ok bool) {
	rank := shape.Rank()
	if shape.DType != dtypes.Float32 || shape.Size() == 0 || rank < len(batch)+2 || len(summed) == 0 || !consecutive(batch, 0) {
		return m, false
	}
	m = matrices{count: 1, rows: 1, columns: shape.Dimensions[rank-1]}
	for axis, size := range shape.Dimensions[:rank-1] {
		if axis < len(batch) {
			m.count *= size
		} else {
			m.rows *= size
		}
	}
	m.overRows = consecutive(summed, len(batch)) && len(batch)+len(summed) == rank-1
	return m, m.overRows || len(summed) == 1 && summed[0] == rank-1
}

// consecutive reports whether the axes are first, first+1, ...
func consecutive(axes []int, first int) bool {
	for i, axis := range axes {
		if axis != first+i {
			return false
		}
	}
	return true
}
