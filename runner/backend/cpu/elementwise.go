package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// large is the number of values from which it pays to leave a segment for a kernel.
const large = 1 << 15

// elementwise reports whether an operation with these inputs is large and has a kernel: inputs of the given types, each
// a scalar or of the shape of them all, and at least one of that shape. Scalars that were broadcast to the shape are
// given as scalars.
func elementwise(inputs []compute.Value, types ...dtypes.DType) ([]compute.Value, shapes.Shape, bool) {
	whole, spread := shapes.Shape{}, true
	narrow := make([]compute.Value, len(inputs))
	for i, in := range inputs {
		v := in.(*value)
		if narrow[i] = v; v.shape.DType != types[i] {
			return nil, whole, false
		}
		if v.shape.Size() == 1 {
			continue
		}
		if v.of.method == "BroadcastInDim" && v.of.inputs[0].shape.Size() == 1 {
			narrow[i] = v.of.inputs[0]
		} else {
			spread = false
		}
		if whole.Rank() > 0 && !slices.Equal(whole.Dimensions, v.shape.Dimensions) {
			return nil, whole, false
		}
		whole = v.shape
	}
	return narrow, whole, !spread && whole.Size() >= large
}

// Add has a kernel for large float32 values.
func (f *function) Add(a, b compute.Value) (compute.Value, error) {
	in, shape, ok := elementwise([]compute.Value{a, b}, dtypes.Float32, dtypes.Float32)
	if !ok {
		return f.recorder.Add(a, b)
	}
	return f.single(floatKernel(func(out, in [][]float32) { kernels.Add(out[0], in[0], in[1]) }), shape, in...)
}

// GreaterThan has a kernel for large float32 values.
func (f *function) GreaterThan(a, b compute.Value) (compute.Value, error) {
	in, shape, ok := elementwise([]compute.Value{a, b}, dtypes.Float32, dtypes.Float32)
	if !ok {
		return f.recorder.GreaterThan(a, b)
	}
	shape = shapes.Make(dtypes.Bool, shape.Dimensions...)
	out, err := f.single(func(out, in []any) { kernels.Greater(out[0].([]bool), in[0].([]float32), in[1].([]float32)) },
		shape, in...)
	if err == nil {
		out.(*value).of.method = greater
	}
	return out, err
}

// Where has a kernel for large float32 values. A comparison with a scalar, as in a ReLU and its gradient, becomes a
// part of it.
func (f *function) Where(condition, a, b compute.Value) (compute.Value, error) {
	in, _, ok := elementwise([]compute.Value{condition, a, b}, dtypes.Bool, dtypes.Float32, dtypes.Float32)
	if !ok || in[0].(*value).shape.Size() == 1 {
		return f.recorder.Where(condition, a, b)
	}
	shape := shapes.Make(dtypes.Float32, in[0].(*value).shape.Dimensions...)
	if test := in[0].(*value).of; test.method == greater && test.kernel != nil && test.inputs[1].shape.Size() == 1 {
		return f.single(floatKernel(func(out, in [][]float32) { kernels.Above(out[0], in[0], in[1][0], in[2], in[3]) }),
			shape, test.inputs[0], test.inputs[1], in[1], in[2])
	}
	return f.single(func(out, in []any) {
		kernels.Where(out[0].([]float32), in[0].([]bool), in[1].([]float32), in[2].([]float32))
	}, shape, in...)
}

// single adds a kernel with one output.
func (f *function) single(k kernel, shape shapes.Shape, inputs ...compute.Value) (compute.Value, error) {
	out, err := f.compute(k, []shapes.Shape{shape}, inputs...)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}
