package models

import "github.com/gomlx/gomlx/core/graph"

// MaxPool takes the maximum of 3×3 windows at stride 2, the border padded with -inf: torch.nn.MaxPool2d(3, 2, 1).
// x is [B, H, W, C], the result [B, (H+1)/2, (W+1)/2, C].
//
// The window is separable, and each axis is the maximum of three strided shifts. Where a window holds its
// maximum more than once, the first position in reading order has the gradient, as in torch.
func MaxPool(x *Node) *Node { return maxPoolAxis(maxPoolAxis(x, 2), 1) }

func maxPoolAxis(x *Node, axis int) *Node {
	size := x.Shape().Dim(axis)
	pads := make([]graph.PadAxis, x.Rank())
	pads[axis] = graph.PadAxis{Start: 1, End: 1}
	x = graph.Pad(x, graph.Infinity(x.Graph(), x.DType(), -1), pads...)
	out := (size + 1) / 2
	window := func(first int) *Node {
		return graph.SliceAxis(x, axis, graph.AxisRange(first, first+2*(out-1)+1).Stride(2))
	}
	return maximum(maximum(window(0), window(1)), window(2))
}

// maximum prefers a where both are equal. Unlike graph.Max, its gradient at -inf is not NaN.
func maximum(a, b *Node) *Node {
	return graph.Where(graph.GreaterOrEqual(a, b), a, b)
}

// ReLU is max(x, 0), by a form whose gradient takes one operation.
func ReLU(x *Node) *Node {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	return graph.Where(graph.GreaterThan(x, zero), x, zero)
}

// GlobalAveragePool averages x [B, H, W, C] over the image; the result is [B, C] in float32.
func GlobalAveragePool(x *Node) *Node { return graph.ReduceMean(float32Of(x), 1, 2) }
