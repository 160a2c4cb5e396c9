package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Conv2D applies a bias-free kernel×kernel convolution with zero padding kernel/2 on every side, as
// torch.nn.Conv2d(padding=kernel//2) does.
//
// x is [B, H, W, C]; the result is [B, H', W', outChannels] with H' = (H + 2·(kernel/2) - kernel)/stride + 1.
func Conv2D(scope *model.Scope, x *Node, outChannels, kernel, stride int, init Init) *Node {
	w := Param(scope, x, "kernel", init, kernel, kernel, x.Shape().Dim(-1), outChannels)
	return convolve(computed(scope, x), computed(scope, w), stride)
}

// Conv1D applies a bias-free convolution over time with zero padding kernel/2 at both ends, as
// torch.nn.Conv1d(padding=kernel//2) does.
//
// x is [B, T, C]; the result is [B, T', outChannels] with T' = (T + 2·(kernel/2) - kernel)/stride + 1.
func Conv1D(scope *model.Scope, x *Node, outChannels, kernel, stride int, init Init) *Node {
	w := Param(scope, x, "kernel", init, kernel, x.Shape().Dim(-1), outChannels)
	x, w = computed(scope, x), computed(scope, w)
	return graph.Squeeze(convolve(graph.InsertAxes(x, 1), graph.InsertAxes(w, 0), stride), 1)
}

// convolve is a convolution of x [B, H, W, C] with w [h, w, C, N]. Both backends have kernels of their own for it and for its gradients,
// but XLA's gradient of a 1×1 kernel takes several times as long on a CPU as the matrix product that it is.
func convolve(x, w *Node, stride int) *Node {
	if !onGoBackend(x) && w.Shape().Dim(0) == 1 && w.Shape().Dim(1) == 1 {
		return pointwise(x, w, stride)
	}
	top, left := w.Shape().Dim(0)/2, w.Shape().Dim(1)/2
	padding := [][2]int{{top, top}, {left, left}}
	return graph.Convolve(x, w).Strides(stride).PaddingPerDim(padding).Done()
}

// pointwise is a 1×1 convolution: a matrix product over the pixels that the stride keeps.
func pointwise(x, w *Node, stride int) *Node {
	if stride > 1 {
		every := graph.AxisRange().Stride(stride)
		x = graph.Slice(x, graph.AxisRange(), every, every)
	}
	in, out := w.Shape().Dim(2), w.Shape().Dim(3)
	dims := x.Shape().Dimensions
	y := graph.MatMul(graph.Reshape(x, -1, in), graph.Reshape(w, in, out))
	return graph.Reshape(y, dims[0], dims[1], dims[2], out)
}

// onGoBackend tells whether x is computed by the pure Go backend, for which a few operations take another form.
func onGoBackend(x *Node) bool { return x.Graph().Backend().String() == "go" }
