package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// function is a recorder that knows the operations for which there are kernels.
type function struct{ *recorder }

// compute adds a kernel with outputs of the given shapes.
func (f *function) compute(k kernel, outputs []shapes.Shape, inputs ...compute.Value) ([]compute.Value, error) {
	op := &operation{kernel: k}
	for _, v := range inputs {
		op.inputs = append(op.inputs, v.(*value))
	}
	op.seeThrough()
	// In the computation on the side the outputs are parameters.
	inner := make([]compute.Value, len(outputs))
	for i, shape := range outputs {
		var err error
		if inner[i], err = f.inner.Parameter(fmt.Sprintf("kernel%d.%d", len(f.operations), i), shape, nil); err != nil {
			return nil, err
		}
	}
	return f.add(op, inner)
}

// seeThrough takes the inputs of reshapes in their place: a kernel gets flat values.
func (op *operation) seeThrough() {
	for i, v := range op.inputs {
		for v.of.method == reshape {
			v = v.of.inputs[0]
		}
		op.inputs[i] = v
	}
}

// accelerate gives a recorded operation a kernel.
func (op *operation) accelerate(run func(out, in [][]float32)) {
	op.kernel = floatKernel(run)
	op.seeThrough()
}

func floats(buffers []any) [][]float32 {
	flat := make([][]float32, len(buffers))
	for i, b := range buffers {
		flat[i] = b.([]float32)
	}
	return flat
}

// floatKernel is a kernel over float32 values only.
func floatKernel(run func(out, in [][]float32)) kernel {
	return func(outputs, inputs []any) { run(floats(outputs), floats(inputs)) }
}

// ConvGeneral has a kernel in the forms that a convolution of images and its gradients have.
func (f *function) ConvGeneral(input, weights compute.Value, axes compute.ConvolveAxesConfig, strides []int,
	paddings [][2]int,
	inputDilations, kernelDilations []int, channelGroups, batchGroups int) (compute.Value, error) {
	// The pure Go backend checks the arguments and tells the shape.
	out, err := f.one("ConvGeneral", input, weights, axes, strides, paddings, inputDilations, kernelDilations,
		channelGroups, batchGroups)
	if err != nil || channelGroups > 1 || batchGroups > 1 {
		return out, err
	}
	result := out.(*value)
	form := convForm{input.(*value).shape, weights.(*value).shape, result.shape, axes, strides, paddings, inputDilations,
		kernelDilations}
	if run := form.kernel(); run != nil {
		result.of.accelerate(run)
	}
	return out, nil
}

// BatchNormForTraining normalises the last axis.
func (f *function) BatchNormForTraining(operand, scale, offset compute.Value, epsilon float32, axis int) (
	y, mean, variance compute.Value, err error) {
	x, channels, err := f.normalised(operand, scale, axis)
	if err != nil {
		return nil, nil, nil, err
	}
	out, err := f.compute(floatKernel(func(out, in [][]float32) {
		kernels.BatchNorm(out[0], out[1], out[2], in[0], in[1], in[2], epsilon)
	}), []shapes.Shape{x, channels, channels}, operand, scale, offset)
	if err != nil {
		return nil, nil, nil, err
	}
	return out[0], out[1], out[2], nil
}

// BatchNormForInference normalises the last axis by given statistics.
func (f *function) BatchNormForInference(operand, scale, offset, mean, variance compute.Value, epsilon float32,
	axis int) (compute.Value, error) {
	x, _, err := f.normalised(operand, scale, axis)
	if err != nil {
		return nil, err
	}
	out, err := f.compute(floatKernel(func(out, in [][]float32) {
		kernels.Normalize(out[0], in[0], in[3], in[4], in[1], in[2], epsilon)
	}), []shapes.Shape{x}, operand, scale, offset, mean, variance)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// BatchNormGradient is the gradient of BatchNormForTraining.
func (f *function) BatchNormGradient(operand, scale, mean, variance, gradient compute.Value, epsilon float32,
	axis int) (dx, dScale, dOffset compute.Value, err error) {
	x, channels, err := f.normalised(operand, scale, axis)
	if err != nil {
		return nil, nil, nil, err
	}
	out, err := f.compute(floatKernel(func(out, in [][]float32) {
		kernels.BatchNormGradient(out[0], out[1], out[2], in[0], in[4], in[1], in[2], in[3], epsilon)
	}), []shapes.Shape{x, channels, channels}, operand, scale, mean, variance, gradient)
	if err != nil {
		return nil, nil, nil, err
	}
	return out[0], out[1], out[2], nil
}

// normalised returns the shapes of the operand and of its channels.
func (f *function) normalised(operand, scale compute.Value, axis int) (x, channels shapes.Shape, err error) {
	x, channels = operand.(*value).shape, scale.(*value).shape
	if x.DType != dtypes.Float32 || channels.DType != dtypes.Float32 || axis != x.Rank()-1 {
		err = fmt.Errorf("backend go: %w: batch normalisation of %s over axis %d", compute.ErrNotImplemented, x, axis)
	}
	return x, channels, err
}
