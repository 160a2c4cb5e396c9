package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

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
