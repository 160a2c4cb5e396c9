package models

import "github.com/gomlx/gomlx/core/graph"

// splitConvolve computes a k×k convolution by one matrix product, with the horizontal half of the kernel on its input
// side and the vertical half on its output side: the k horizontal shifts of x are concatenated on the channel axis, the
// product gives the contributions of all k kernel rows, and k vertical shifts of these are summed. That moves 2k
// copies of the image where the usual k·k patches (im2col) move k².
func splitConvolve(x, w *Node, stride int) *Node {
	s := newSplitConv(x, w, stride)
	return withGradient(s.forward, s.backward, x, w)[0]
}

// splitConv holds the sizes of one convolution and what its gradient needs of the forward pass.
type splitConv struct {
	batch, height, width, in     int // of x
	outHeight, outWidth, out     int
	kernel, stride, pad, padRows int   // padRows is the height with padding
	columns                      *Node // [B·padRows·W', k·C], the horizontal shifts of x
	matrix                       *Node // [k·C, k·N], the kernel as (column, in) × (row, out)
}

func newSplitConv(x, w *Node, stride int) *splitConv {
	d, k := x.Shape().Dimensions, w.Shape().Dim(0)
	s := &splitConv{batch: d[0], height: d[1], width: d[2], in: d[3], out: w.Shape().Dim(3),
		kernel: k, stride: stride, pad: k / 2, padRows: d[1] + 2*(k/2)}
	s.outHeight = (s.padRows-k)/stride + 1
	s.outWidth = (d[2]+2*s.pad-k)/stride + 1
	return s
}

// reach is the number of input positions between the first and the last of n strided ones, both included.
func (s *splitConv) reach(n int) int { return (n-1)*s.stride + 1 }

func (s *splitConv) forward(inputs []*Node) []*Node {
	x, w := inputs[0], inputs[1]
	all, border := graph.AxisRange(), graph.PadAxis{Start: s.pad, End: s.pad}
	x = zeroPad(x, graph.PadAxis{}, border, border)
	shifts := make([]*Node, s.kernel)
	for col := range shifts {
		shifts[col] = graph.Slice(x, all, all, graph.AxisRange(col, col+s.reach(s.outWidth)).Stride(s.stride))
	}
	s.columns = graph.Reshape(graph.Concatenate(shifts, -1), -1, s.kernel*s.in)
	s.matrix = graph.Reshape(graph.TransposeAllAxes(w, 1, 2, 0, 3), s.kernel*s.in, s.kernel*s.out)
	rows := graph.Reshape(graph.MatMul(s.columns, s.matrix), s.batch, s.padRows, s.outWidth, s.kernel*s.out)
	var sum *Node
	for row := range s.kernel {
		part := graph.Slice(rows, all, graph.AxisRange(row, row+s.reach(s.outHeight)).Stride(s.stride), all,
			graph.AxisRange(row*s.out, (row+1)*s.out))
		sum = plus(sum, part)
	}
	return []*Node{sum}
}

func (s *splitConv) backward(grads []*Node) []*Node {
	dy := grads[0]
	dRows := graph.Concatenate(s.spread(dy, 1), -1)
	dColumns := graph.DotGeneral(graph.Reshape(dRows, -1, s.kernel*s.out), []int{1}, nil, s.matrix, []int{1}, nil)
	return []*Node{s.inputGradient(dColumns), s.kernelGradient(dy)}
}

// spread places dy, for each kernel row, at the padded input rows it came from; heightAxis is the axis of height.
func (s *splitConv) spread(dy *Node, heightAxis int) []*Node {
	parts := make([]*Node, s.kernel)
	for row := range parts {
		axes := make([]graph.PadAxis, heightAxis+1)
		axes[heightAxis] = graph.PadAxis{Start: row, Interior: s.stride - 1, End: s.padRows - row - s.reach(s.outHeight)}
		parts[row] = zeroPad(dy, axes...)
	}
	return parts
}

// inputGradient sums the horizontal shifts back: dx at column j gets the part of kernel column c at j + pad - c.
func (s *splitConv) inputGradient(dColumns *Node) *Node {
	d := graph.Reshape(dColumns, s.batch, s.padRows, s.outWidth, s.kernel*s.in)
	start := s.kernel - 1 - s.pad
	wide := graph.PadAxis{Start: start, Interior: s.stride - 1, End: s.kernel - 1 + s.width - start - s.reach(s.outWidth)}
	d = zeroPad(d, graph.PadAxis{}, graph.PadAxis{}, wide)
	var sum *Node
	for col := range s.kernel {
		first := s.kernel - 1 - col
		part := graph.Slice(d, graph.AxisRange(), graph.AxisRange(s.pad, s.pad+s.height),
			graph.AxisRange(first, first+s.width), graph.AxisRange(col*s.in, (col+1)*s.in))
		sum = plus(sum, part)
	}
	return sum
}

// kernelGradient transposes dy before it is spread, k times less to transpose than after.
func (s *splitConv) kernelGradient(dy *Node) *Node {
	dy = graph.Transpose(graph.Reshape(dy, -1, s.out), 0, 1)
	dy = graph.Reshape(dy, s.out*s.batch, s.outHeight, s.outWidth)
	parts := s.spread(dy, 1)
	for i, part := range parts {
		parts[i] = graph.Reshape(part, s.out, -1)
	}
	dw := graph.MatMul(graph.Concatenate(parts, 0), s.columns)
	return graph.TransposeAllAxes(graph.Reshape(dw, s.kernel, s.out, s.kernel, s.in), 0, 2, 3, 1)
}

func plus(sum, part *Node) *Node {
	if sum == nil {
		return part
	}
	return graph.Add(sum, part)
}

// zeroPad pads the leading axes of x as given and leaves the others.
func zeroPad(x *Node, axes ...graph.PadAxis) *Node {
	axes = append(axes, make([]graph.PadAxis, x.Rank()-len(axes))...)
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), axes...)
}
