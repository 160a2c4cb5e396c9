package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// product is the kernel of a product of two matrices, each of which sums over its first or its last axes.
func (op *operation) product(a, b shapes.Shape) kernel {
	if len(op.args[2].([]int)) > 0 || op.args[6] != (compute.DotGeneralConfig{}) || a.DType != dtypes.Float32 ||
		b.DType != dtypes.Float32 {
		return nil
	}
	m, k, aRow, aColumn, aOK := factor(a, op.args[1].([]int))
	n, _, bColumn, bRow, bOK := factor(b, op.args[4].([]int))
	if !aOK || !bOK {
		return nil
	}
	return func(out, in []any) {
		kernels.Product(out[0].([]float32), in[0].([]float32), in[1].([]float32), m, n, k, aRow, aColumn, bRow, bColumn)
	}
}

// factor sees an operand as a matrix of kept by summed values, which are the given distances apart.
func factor(shape shapes.Shape, summed []int) (kept, sum, keptStep, sumStep int, ok bool) {
	sum = 1
	for _, axis := range summed {
		sum *= shape.Dimensions[axis]
	}
	kept = shape.Size() / max(1, sum)
	switch {
	case sum*kept == 0:
		return 0, 0, 0, 0, false
	case consecutive(summed, shape.Rank()-len(summed)):
		return kept, sum, sum, 1, true
	case consecutive(summed, 0):
		return kept, sum, 1, kept, true
	}
	return 0, 0, 0, 0, false
}

// reduction is the kernel of a sum or maximum over all axes, if they have few values, over the first or over the last
// ones.
func (op *operation) reduction(x shapes.Shape) kernel {
	axes := slices.Sorted(slices.Values(op.args[1].([]int)))
	if x.DType != dtypes.Float32 || x.Size() == 0 {
		return nil
	}
	sum := op.method == "ReduceSum"
	run := func(sums, maxima func(y, x []float32)) kernel {
		if !sum {
			sums = maxima
		}
		return func(out, in []any) { sums(out[0].([]float32), in[0].([]float32)) }
	}
	switch {
	case (len(axes) == 0 || len(axes) == x.Rank()) && x.Size() >= large:
		return nil
	case len(axes) == 0 || len(axes) == x.Rank():
		return run(func(y, x []float32) { y[0] = kernels.Sum(x) }, kernels.RowMaxima)
	case consecutive(axes, x.Rank()-len(axes)):
		return run(kernels.RowSums, kernels.RowMaxima)
	case consecutive(axes, 0):
		return run(kernels.ColumnSums, kernels.ColumnMaxima)
	}
	return nil
}
