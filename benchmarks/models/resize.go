package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Resize interpolates x [B, H, W, C] bilinearly to [B, height, width, C], as torch.nn.functional.interpolate does with
// the given align_corners: true maps the centres of the corner pixels on each other, false the outer edges of the
// image.
func Resize(x *Node, height, width int, alignCorners bool) *Node {
	x = resizeAxis(x, 1, height, alignCorners)
	return resizeAxis(x, 2, width, alignCorners)
}

// resizeAxis interpolates one axis by a product with a constant matrix, which has a gradient and is fast on every
// backend.
func resizeAxis(x *Node, axis, size int, alignCorners bool) *Node {
	dims := append([]int{}, x.Shape().Dimensions...)
	if dims[axis] == size {
		return x
	}
	matrix := interpolation(dims[axis], size, alignCorners)
	dims[axis] = size
	return graph.Reshape(matMulAxis(matrix, size, x, axis, axis+1), dims...)
}

// matMulAxis is a constant matrix [rows, K] times x, whose axes from first to before end have K elements; the result is
// [outer, rows, inner]. Its gradient multiplies by another constant, the transposed matrix; the automatic one would
// transpose a copy of the matrix for each outer element.
func matMulAxis(matrix []float32, rows int, x *Node, first, end int) *Node {
	outer, inner := 1, 1
	for i, dim := range x.Shape().Dimensions {
		if i < first {
			outer *= dim
		} else if i >= end {
			inner *= dim
		}
	}
	columns := len(matrix) / rows
	transposed := TorchTensor{Shape: []int{rows, columns}, Values: matrix}.permuted([]int{1, 0}).Values
	forward := func(in []*Node) []*Node { return []*Node{matMulEach(matrix, rows, in[0])} }
	backward := func(grads []*Node) []*Node { return []*Node{matMulEach(transposed, columns, grads[0])} }
	return withGradient(forward, backward, graph.Reshape(x, outer, columns, inner))[0]
}

// matMulEach is a constant matrix [rows, K] times each matrix of x [B, K, N].
func matMulEach(matrix []float32, rows int, x *Node) *Node {
	columns := x.Shape().Dim(1)
	constant := graph.Const(x.Graph(), tensors.FromFlatDataAndDimensions(matrix, 1, rows, columns))
	each := graph.BroadcastToDims(graph.ConvertDType(constant, x.DType()), x.Shape().Dim(0), rows, columns)
	return graph.DotGeneral(each, []int{2}, []int{0}, x, []int{1}, []int{0})
}

// resizeConvolve is the convolution of stride 1 of x [B, H, W, C], resized to height×width, with w [k, k, C, N].
//
// Both are linear, so the product with the kernel is taken first, on the small map, and the shifts of the convolution
// become part of the interpolation: for a large enlargement of many channels that is a hundredth of the work.
func resizeConvolve(x, w *Node, height, width int) *Node {
	d, k, out := x.Shape().Dimensions, w.Shape().Dim(0), w.Shape().Dim(3)
	if d[1] == height && d[2] == width {
		return convolve(x, w, 1)
	}
	kernel := graph.Reshape(graph.TransposeAllAxes(w, 2, 1, 0, 3), 1, 1, d[3], k*k*out)
	taps := graph.Reshape(convolve(x, kernel, 1), d[0], d[1], d[2], k, k, out)
	y := graph.Reshape(matMulAxis(shiftedInterpolation(d[2], width, k), width, taps, 2, 4), d[0], d[1], width, k, out)
	y = graph.TransposeAllAxes(y, 0, 1, 3, 2, 4)
	return graph.Reshape(matMulAxis(shiftedInterpolation(d[1], height, k), height, y, 1, 3), d[0], height, width, out)
}

// shiftedInterpolation is the matrix [to, from·k] that interpolates and then sums the k shifts of a convolution with
// zero padding k/2.
func shiftedInterpolation(from, to, k int) []float32 {
	plain, shifted := interpolation(from, to, false), make([]float32, to*from*k)
	for i := range to {
		for tap := range k {
			at := i + tap - k/2
			if at < 0 || at >= to {
				continue
			}
			for j := range from {
				shifted[(i*from+j)*k+tap] = plain[at*from+j]
			}
		}
	}
	return shifted
}

// interpolation is the matrix [to, from] of linear interpolation; positions beyond the border take its value.
func interpolation(from, to int, alignCorners bool) []float32 {
	values := make([]float32, to*from)
	for i := range to {
		position := (float64(i)+0.5)*float64(from)/float64(to) - 0.5
		if alignCorners {
			position = float64(i) * float64(from-1) / float64(max(to-1, 1))
		}
		position = min(max(position, 0), float64(from-1))
		left := min(int(position), max(from-2, 0))
		part := position - float64(left)
		values[i*from+left] = float32(1 - part)
		if part > 0 {
			values[i*from+left+1] = float32(part)
		}
	}
	return values
}
