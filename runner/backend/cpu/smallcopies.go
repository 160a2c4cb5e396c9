package cpu

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// strided is the kernel of a copy whose values are a distance apart in the operand x along each axis of the result.
func (op *operation) strided(x, out shapes.Shape) kernel {
	steps, first := make([]int, out.Rank()), 0
	own := distances(x)
	switch op.method {
	case "BroadcastInDim":
		for axis, to := range op.args[2].([]int) {
			if x.Dimensions[axis] > 1 {
				steps[to] = own[axis]
			}
		}
	case "Transpose":
		for axis, from := range op.args[1].([]int) {
			steps[axis] = own[from]
		}
	case "Slice":
		starts, strides := op.args[1].([]int), op.args[3].([]int)
		for axis := range steps {
			steps[axis], first = own[axis], first+starts[axis]*own[axis]
			if len(strides) > 0 {
				steps[axis] *= strides[axis]
			}
		}
	}
	dims, steps := joinAxes(out.Dimensions, steps)
	return stridedKernel(out, dims, steps, first)
}

// joinAxes makes one axis of those whose values are read as those of one.
func joinAxes(dims, steps []int) (joined, apart []int) {
	for axis, n := range dims {
		last := len(joined) - 1
		if last >= 0 && apart[last] == n*steps[axis] {
			joined[last], apart[last] = joined[last]*n, steps[axis]
		} else {
			joined, apart = append(joined, n), append(apart, steps[axis])
		}
	}
	return joined, apart
}

// distances returns how far apart the values of a shape are along each axis.
func distances(shape shapes.Shape) []int {
	steps, n := make([]int, shape.Rank()), 1
	for axis, size := range slices.Backward(shape.Dimensions) {
		steps[axis] = n
		n *= size
	}
	return steps
}

func stridedKernel(shape shapes.Shape, dims, steps []int, first int) kernel {
	switch shape.DType {
	case dtypes.Float32:
		return stridedOf[float32](dims, steps, first)
	case dtypes.Int32:
		return stridedOf[int32](dims, steps, first)
	case dtypes.Int64:
		return stridedOf[int64](dims, steps, first)
	case dtypes.Uint64:
		return stridedOf[uint64](dims, steps, first)
	case dtypes.Bool:
		return stridedOf[bool](dims, steps, first)
	}
	return nil
}

func stridedOf[T any](dims, steps []int, first int) kernel {
	return func(out, in []any) { kernels.Strided(out[0].([]T), in[0].([]T)[first:], dims, steps) }
}

// concatenation is the kernel of a Concatenate of float32 values.
func (op *operation) concatenation(in []shapes.Shape, out shapes.Shape) kernel {
	if out.DType != dtypes.Float32 {
		return nil
	}
	var runs []int
	rows := 1
	for _, n := range out.Dimensions[:op.args[0].(int)] {
		rows *= n
	}
	for _, shape := range in {
		runs = append(runs, shape.Size()/rows)
	}
	return func(out, in []any) {
		y, at := out[0].([]float32), 0
		for row := range rows {
			for k, run := range runs {
				at += copy(y[at:], in[k].([]float32)[row*run:][:run])
			}
		}
	}
}

// numbering is the kernel of an Iota: each value is its position along an axis.
func numbering(out shapes.Shape, axis int) kernel {
	step, n := distances(out)[axis], out.Dimensions[axis]
	switch out.DType {
	case dtypes.Float32:
		return positions[float32](step, n)
	case dtypes.Int32:
		return positions[int32](step, n)
	case dtypes.Int64:
		return positions[int64](step, n)
	}
	return nil
}

func positions[T float32 | int32 | int64](step, n int) kernel {
	return func(out, _ []any) {
		for i := range out[0].([]T) {
			out[0].([]T)[i] = T(i / step % n)
		}
	}
}

func conversion(from, to dtypes.DType) kernel {
	switch {
	case from == dtypes.Bool && to == dtypes.Float32:
		return func(out, in []any) {
			y := out[0].([]float32)
			for i, holds := range in[0].([]bool) {
				y[i] = 0
				if holds {
					y[i] = 1
				}
			}
		}
	case from == dtypes.Int32 && to == dtypes.Float32:
		return func(out, in []any) {
			y := out[0].([]float32)
			for i, v := range in[0].([]int32) {
				y[i] = float32(v)
			}
		}
	}
	return nil
}
