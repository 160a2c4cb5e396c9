package models

import "github.com/gomlx/gomlx/core/graph"

// splitConvolve computes a convolution by one matrix product, with the horizontal half of the kernel on its input
// side and the vertical half on its output side: the horizontal shifts of x are concatenated on the channel axis, the
// product gives the contributions of all kernel rows, and vertical shifts of these are summed. For a k×k kernel that
// moves 2k copies of the image where the usual k·k patches (im2col) move k².
func splitConvolve(x, w *Node, stride int) *Node {
	s := newSplitConv(x, w, stride)
	return withGradient(s.forward, s.backward, x, w)[0]
}

// splitConv holds the sizes of one convolution and what its gradient needs of the forward pass.
type splitConv struct {
	batch, height, width, in int // of x
	outHeight, outWidth, out int
	rows, cols, stride       int   // rows×cols is the kernel's size
	padTop, padLeft, padRows int   // padRows is the height with padding
	columns                  *Node // [B·padRows·W', cols·C], the horizontal shifts of x
	matrix                   *Node // [cols·C, rows·N], the kernel as (column, in) × (row, out)
}

func newSplitConv(x, w *Node, stride int) *splitConv {
	d, k := x.Shape().Dimensions, w.Shape().Dimensions
	s := &splitConv{batch: d[0], height: d[1], width: d[2], in: d[3], rows: k[0], cols: k[1], out: k[3],
		stride: stride, padTop: k[0] / 2, padLeft: k[1] / 2}
	s.padRows = s.height + 2*s.padTop
	s.outHeight = (s.padRows-s.rows)/stride + 1
	s.outWidth = (s.width+2*s.padLeft-s.cols)/stride + 1
	return s
}

// reach is the number of input positions between the first and the last of n strided ones, both included.
func (s *splitConv) reach(n int) int { return (n-1)*s.stride + 1 }

func (s *splitConv) forward(inputs []*Node) []*Node {
	x, w := inputs[0], inputs[1]
	all := graph.AxisRange()
	x = zeroPad(x, graph.PadAxis{}, graph.PadAxis{Start: s.padTop, End: s.padTop}, graph.PadAxis{Start: s.padLeft, End: s.padLeft})
	shifts := make([]*Node, s.cols)
	for col := range shifts {
		shifts[col] = graph.Slice(x, all, all, graph.AxisRange(col, col+s.reach(s.outWidth)).Stride(s.stride))
	}
	s.columns = graph.Reshape(graph.Concatenate(shifts, -1), -1, s.cols*s.in)
	s.matrix = graph.Reshape(graph.TransposeAllAxes(w, 1, 2, 0, 3), s.cols*s.in, s.rows*s.out)
	rows := graph.Reshape(graph.MatMul(s.columns, s.matrix), s.batch, s.padRows, s.outWidth, s.rows*s.out)
	var sum *Node
	for row := range s.rows {
		part := graph.Slice(rows, all, graph.AxisRange(row, row+s.reach(s.outHeight)).Stride(s.stride), all,
			graph.AxisRange(row*s.out, (row+1)*s.out))
		sum = plus(sum, part)
	}
	return []*Node{sum}
}

func (s *splitConv) backward(grads []*Node) []*Node {
	dy := grads[0]
	dRows := graph.Concatenate(s.spread(dy, 1), -1)
	dColumns := graph.DotGeneral(graph.Reshape(dRows, -1, s.rows*s.out), []int{1}, nil, s.matrix, []int{1}, nil)
	return []*Node{s.inputGradient(dColumns), s.kernelGradient(dy)}
}

// spread places dy, for each kernel row, at the padded input rows it came from; heightAxis is the axis of height.
func (s *splitConv) spread(dy *Node, heightAxis int) []*Node {
	parts := make([]*Node, s.rows)
	for row := range parts {
		axes := make([]graph.PadAxis, heightAxis+1)
		axes[heightAxis] = graph.PadAxis{Start: row, Interior: s.stride - 1, End: s.padRows - row - s.reach(s.outHeight)}
		parts[row] = zeroPad(dy, axes...)
	}
	return parts
}

// inputGradient sums the horizontal shifts back: dx at column j gets the part of kernel column c at j + padLeft - c.
func (s *splitConv) inputGradient(dColumns *Node) *Node {
	d := graph.Reshape(dColumns, s.batch, s.padRows, s.outWidth, s.cols*s.in)
	start := s.cols - 1 - s.padLeft
	wide := graph.PadAxis{Start: start, Interior: s.stride - 1, End: s.cols - 1 + s.width - start - s.reach(s.outWidth)}
	d = zeroPad(d, graph.PadAxis{}, graph.PadAxis{}, wide)
	var sum *Node
	for col := range s.cols {
		first := s.cols - 1 - col
		part := graph.Slice(d, graph.AxisRange(), graph.AxisRange(s.padTop, s.padTop+s.height),
			graph.AxisRange(first, first+s.width), graph.AxisRange(col*s.in, (col+1)*s.in))
		sum = plus(sum, part)
	}
	return sum
}

// kernelGradient transposes dy before it is spread, rows times less to transpose than after.
func (s *splitConv) kernelGradient(dy *Node) *Node {
	dy = graph.Transpose(graph.Reshape(dy, -1, s.out), 0, 1)
	dy = graph.Reshape(dy, s.out*s.batch, s.outHeight, s.outWidth)
	parts := s.spread(dy, 1)
	for i, part := range parts {
		parts[i] = graph.Reshape(part, s.out, -1)
	}
	dw := graph.MatMul(graph.Concatenate(parts, 0), s.columns)
	return graph.TransposeAllAxes(graph.Reshape(dw, s.rows, s.out, s.cols, s.in), 0, 2, 3, 1)
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
