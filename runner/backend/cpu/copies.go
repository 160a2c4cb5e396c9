package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// Slice has a kernel for large float32 values.
func (f *function) Slice(x compute.Value, starts, limits, strides []int) (compute.Value, error) {
	out, err := f.recorder.Slice(x, starts, limits, strides)
	if err != nil {
		return nil, err
	}
	from, result := x.(*value).shape, out.(*value)
	if from.DType == dtypes.Float32 && result.shape.Size() >= large && ones(strides) {
		size, first, end := slices.Clone(from.Dimensions), slices.Clone(starts), slices.Clone(limits)
		result.of.accelerate(func(out, in [][]float32) { kernels.Slice(out[0], in[0], size, first, end) })
	}
	return out, nil
}

// Concatenate has a kernel for large float32 values.
func (f *function) Concatenate(axis int, operands ...compute.Value) (compute.Value, error) {
	out, err := f.recorder.Concatenate(axis, operands...)
	if err != nil {
		return nil, err
	}
	result := out.(*value)
	if result.shape.DType != dtypes.Float32 || result.shape.Size() < large {
		return out, nil
	}
	var runs []int
	for _, v := range operands {
		run := 1
		for _, size := range v.(*value).shape.Dimensions[axis:] {
			run *= size
		}
		runs = append(runs, run)
	}
	result.of.accelerate(func(out, in [][]float32) { kernels.Concatenate(out[0], in, runs) })
	return out, nil
}

// BroadcastInDim has a kernel for large float32 values.
func (f *function) BroadcastInDim(x compute.Value, shape shapes.Shape, axes []int) (compute.Value, error) {
	out, err := f.recorder.BroadcastInDim(x, shape, axes)
	from := x.(*value).shape
	if err != nil || from.DType != dtypes.Float32 || from.Size() == 1 || shape.Size() < large {
		return out, err
	}
	sizes, strides, stride := slices.Clone(shape.Dimensions), make([]int, shape.Rank()), 1
	for i, axis := range slices.Backward(axes) {
		if from.Dimensions[i] > 1 {
			strides[axis] = stride
			stride *= from.Dimensions[i]
		}
	}
	out.(*value).of.accelerate(func(out, in [][]float32) { kernels.Broadcast(out[0], in[0], sizes, strides) })
	return out, nil
}

// Sub broadcasts an operand of a large float32 result first where the pure Go backend would go from value to value.
func (f *function) Sub(a, b compute.Value) (compute.Value, error) {
	if x, y := a.(*value).shape, b.(*value).shape; x.DType == dtypes.Float32 && x.Rank() == y.Rank() && interleaved(x, y) {
		whole := x.Clone()
		axes := make([]int, x.Rank())
		for i := range axes {
			axes[i], whole.Dimensions[i] = i, max(x.Dimensions[i], y.Dimensions[i])
		}
		var err error
		if a, err = f.BroadcastInDim(a, whole, axes); err != nil {
			return nil, err
		}
	}
	return f.recorder.Sub(a, b)
}

// interleaved reports whether two shapes are broadcast along different axes and share another.
func interleaved(x, y shapes.Shape) bool {
	var left, right, both bool
	for i := range x.Dimensions {
		left, right = left || x.Dimensions[i] < y.Dimensions[i], right || x.Dimensions[i] > y.Dimensions[i]
		both = both || x.Dimensions[i] > 1 && y.Dimensions[i] > 1
	}
	return left && right && both
}
