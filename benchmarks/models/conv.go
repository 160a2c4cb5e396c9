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

// convolve is the one place that chooses how a convolution of x [B, H, W, C] with w [h, w, C, N] is computed.
func convolve(x, w *Node, stride int) *Node {
	switch {
	case !onGoBackend(x):
		return nativeConvolve(x, w, stride)
	case w.Shape().Dim(0) == 1 && w.Shape().Dim(1) == 1:
		return pointwise(x, w, stride)
	default:
		return splitConvolve(x, w, stride)
	}
}

// onGoBackend tells whether x is computed by the pure Go backend. Its matrix products run some fifty times faster than
// its convolution, its reductions and its transpositions, so a few operations take another form there.
func onGoBackend(x *Node) bool { return x.Graph().Backend().String() == "go" }

func nativeConvolve(x, w *Node, stride int) *Node {
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
	y := matMulRows(graph.Reshape(x, -1, in), graph.Reshape(w, in, out))
	dims := x.Shape().Dimensions
	return graph.Reshape(y, dims[0], dims[1], dims[2], out)
}

// matMulRows is x [P, K] · w [K, N] for P much larger than K and N. The gradient of w transposes only the narrower of x and
// the gradient of the product, where the automatic one transposes both.
func matMulRows(x, w *Node) *Node {
	forward := func(in []*Node) []*Node {
		x, w = in[0], in[1]
		return []*Node{graph.MatMul(x, w)}
	}
	backward := func(grads []*Node) []*Node {
		dy := grads[0]
		dx := graph.DotGeneral(dy, []int{1}, nil, w, []int{1}, nil)
		if x.Shape().Dim(1) < dy.Shape().Dim(1) {
			return []*Node{dx, graph.MatMul(graph.Transpose(x, 0, 1), dy)}
		}
		return []*Node{dx, graph.Transpose(graph.MatMul(graph.Transpose(dy, 0, 1), x), 0, 1)}
	}
	return withGradient(forward, backward, x, w)[0]
}
