package kernels

// Conv is the geometry of a 2-D convolution of x [Batch, In[0], In[1], InChannels] with w [Kernel[0], Kernel[1],
// InChannels, OutChannels]: y at (r, c) sums w at (i, j) times x at (r·Stride[0] + i - Pad[0], c·Stride[1] + j -
// Pad[1]), zero outside. Axis 0 is the height.
type Conv struct {
	Batch                   int
	In, Out                 [2]int // sizes of x and y
	InChannels, OutChannels int
	Kernel, Stride, Pad     [2]int // Pad is the zeros before the first row and column
	Reversed                bool   // InputGradient gets w with its rows and columns in reverse order
}

// Forward computes y [Batch, Out[0], Out[1], OutChannels].
func (c Conv) Forward(y, x, w []float32) {
	pass := window{
		in: c.In, inChannels: c.InChannels, step: c.Stride, taps: c.Kernel,
		out: c.Out, outSize: c.Out, outStep: [2]int{1, 1}, outChannels: c.OutChannels,
	}
	for axis := range 2 {
		pass.first[axis] = -c.Pad[axis]
	}
	pass.weights = blocks(c.Kernel[0]*c.Kernel[1]*c.InChannels, c.OutChannels, func(into []float32, tap, out int) {
		copy(into, w[tap*c.OutChannels+out:])
	})
	slide(c.Batch, y, x, []window{pass})
}

// InputGradient computes dx, shaped as x, from dy, shaped as y.
//
// The inputs at the same position modulo the stride see the same taps of the kernel, in reverse order and one output
// apart: each such class is a convolution of dy with a part of the kernel.
func (c Conv) InputGradient(dx, dy, w []float32) {
	var classes []window
	for top := range min(c.Stride[0], c.In[0]) {
		for left := range min(c.Stride[1], c.In[1]) {
			classes = append(classes, c.class([2]int{top, left}, w))
		}
	}
	slide(c.Batch, dx, dy, classes)
}

// class is the convolution of dy that gives the inputs at phase, phase + Stride, ...
func (c Conv) class(phase [2]int, w []float32) window {
	pass := window{
		in: c.Out, inChannels: c.OutChannels, step: [2]int{1, 1},
		outSize: c.In, outFirst: phase, outStep: c.Stride, outChannels: c.InChannels,
	}
	var last [2]int // tap of the kernel that meets the first output
	for axis := range 2 {
		s, k := c.Stride[axis], c.Kernel[axis]
		tap := (phase[axis] + c.Pad[axis]) % s
		pass.taps[axis] = max(0, (k-tap+s-1)/s)
		last[axis] = tap + (pass.taps[axis]-1)*s
		pass.first[axis] = (phase[axis]+c.Pad[axis]-tap)/s - pass.taps[axis] + 1
		pass.out[axis] = (c.In[axis] - phase[axis] + s - 1) / s
	}
	pass.weights = blocks(pass.taps[0]*pass.taps[1]*c.OutChannels, c.InChannels, func(into []float32, tap, out int) {
		at := tap / c.OutChannels
		row, col := last[0]-at/pass.taps[1]*c.Stride[0], last[1]-at%pass.taps[1]*c.Stride[1]
		if c.Reversed {
			row, col = c.Kernel[0]-1-row, c.Kernel[1]-1-col
		}
		from := w[((row*c.Kernel[1]+col)*c.InChannels+out)*c.OutChannels+tap%c.OutChannels:]
		for i := range into {
			into[i] = from[i*c.OutChannels]
		}
	})
	return pass
}
