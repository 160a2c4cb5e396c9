package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// convForm is a call of ConvGeneral. A convolution of images and both of its gradients, as GoMLX writes them, are such
// calls.
type convForm struct {
	input, weights, output          shapes.Shape
	axes                            compute.ConvolveAxesConfig
	strides                         []int
	paddings                        [][2]int
	inputDilations, kernelDilations []int
}

// kernel returns what computes the form, or nil if no kernel does.
func (f convForm) kernel() func(out, in [][]float32) {
	if f.input.DType != dtypes.Float32 || f.input.Rank() != 4 {
		return nil
	}
	switch {
	case f.hasAxes(forwardAxes) && ones(f.inputDilations) && ones(f.kernelDilations):
		return f.forward()
	case f.hasAxes(inputGradientAxes) && ones(f.strides) && ones(f.kernelDilations):
		return f.inputGradient()
	case f.hasAxes(kernelGradientAxes) && ones(f.strides) && ones(f.inputDilations):
		return f.kernelGradient()
	}
	return nil
}

// The axes of the three forms: images are batch, height, width, channel, and weights height, width, input, output.
var (
	forwardAxes = compute.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	// The gradient of the output goes through the weights from their outputs to their inputs.
	inputGradientAxes = compute.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 3, KernelOutputChannels: 2,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	// The gradient of the output slides as weights over the images, whose batch is summed over like a channel.
	kernelGradientAxes = compute.ConvolveAxesConfig{
		InputBatch: 3, InputSpatial: []int{1, 2}, InputChannels: 0,
		KernelSpatial: []int{1, 2}, KernelInputChannels: 0, KernelOutputChannels: 3,
		OutputBatch: 2, OutputSpatial: []int{0, 1}, OutputChannels: 3,
	}
)

func (f convForm) hasAxes(want compute.ConvolveAxesConfig) bool {
	a := f.axes
	return a.InputBatch == want.InputBatch && a.InputChannels == want.InputChannels &&
		slices.Equal(a.InputSpatial, want.InputSpatial) &&
		a.KernelInputChannels == want.KernelInputChannels && a.KernelOutputChannels == want.KernelOutputChannels &&
		slices.Equal(a.KernelSpatial, want.KernelSpatial) && a.OutputBatch == want.OutputBatch &&
		a.OutputChannels == want.OutputChannels && slices.Equal(a.OutputSpatial, want.OutputSpatial)
}

func (f convForm) forward() func(out, in [][]float32) {
	x, w, y := f.input.Dimensions, f.weights.Dimensions, f.output.Dimensions
	c := kernels.Conv{Batch: x[0], In: [2]int{x[1], x[2]}, Out: [2]int{y[1], y[2]}, InChannels: x[3], OutChannels: y[3],
		Kernel: [2]int{w[0], w[1]}, Stride: pair(f.strides), Pad: f.padding()}
	return func(out, in [][]float32) { c.Forward(out[0], in[0], in[1]) }
}

// inputGradient is the gradient with respect to the images of a convolution whose weights, reversed in height and
// width, are the weights here. Its padding follows from the one here.
func (f convForm) inputGradient() func(out, in [][]float32) {
	dy, w, dx := f.input.Dimensions, f.weights.Dimensions, f.output.Dimensions
	c := kernels.Conv{Batch: dx[0], In: [2]int{dx[1], dx[2]}, Out: [2]int{dy[1], dy[2]}, InChannels: dx[3],
		OutChannels: dy[3], Kernel: [2]int{w[0], w[1]}, Stride: pair(f.inputDilations), Reversed: true}
	for axis, pad := range f.padding() {
		c.Pad[axis] = c.Kernel[axis] - 1 - pad
	}
	return func(out, in [][]float32) { c.InputGradient(out[0], in[0], in[1]) }
}

func (f convForm) kernelGradient() func(out, in [][]float32) {
	x, dy, dw := f.input.Dimensions, f.weights.Dimensions, f.output.Dimensions
	c := kernels.Conv{Batch: x[0], In: [2]int{x[1], x[2]}, Out: [2]int{dy[1], dy[2]}, InChannels: x[3], OutChannels: dy[3],
		Kernel: [2]int{dw[0], dw[1]}, Stride: pair(f.kernelDilations), Pad: f.padding()}
	return func(out, in [][]float32) { c.KernelGradient(out[0], in[0], in[1]) }
}

// padding returns the zeros before the first row and column.
func (f convForm) padding() [2]int {
	if len(f.paddings) == 0 {
		return [2]int{}
	}
	return [2]int{f.paddings[0][0], f.paddings[1][0]}
}

// pair returns the values of both spatial axes, 1 where none are given.
func pair(values []int) [2]int {
	if len(values) == 0 {
		return [2]int{1, 1}
	}
	return [2]int{values[0], values[1]}
}

func ones(values []int) bool { return !slices.ContainsFunc(values, func(v int) bool { return v != 1 }) }
