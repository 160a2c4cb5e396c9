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
	return convolve(x, w, stride)
}

// Conv1D applies a bias-free convolution over time with zero padding kernel/2 at both ends, as
// torch.nn.Conv1d(padding=kernel//2) does.
//
// x is [B, T, C]; the result is [B, T', outChannels] with T' = (T + 2·(kernel/2) - kernel)/stride + 1.
func Conv1D(scope *model.Scope, x *Node, outChannels, kernel, stride int, init Init) *Node {
	w := Param(scope, x, "kernel", init, kernel, x.Shape().Dim(-1), outChannels)
	return graph.Squeeze(convolve(graph.InsertAxes(x, 1), graph.InsertAxes(w, 0), stride), 1)
}

// convolve is a convolution of x [B, H, W, C] with w [h, w, C, N]. Both backends have kernels of their own for it and for its gradients.
func convolve(x, w *Node, stride int) *Node {
	top, left := w.Shape().Dim(0)/2, w.Shape().Dim(1)/2
	padding := [][2]int{{top, top}, {left, left}}
	return graph.Convolve(x, w).Strides(stride).PaddingPerDim(padding).Done()
}

// onGoBackend tells whether x is computed by the pure Go backend, for which a few operations take another form.
func onGoBackend(x *Node) bool { return x.Graph().Backend().String() == "go" }
