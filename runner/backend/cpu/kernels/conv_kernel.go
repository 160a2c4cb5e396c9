package kernels

// KernelGradient computes dw, shaped as w, from x and dy. The images are summed up in groups, whose sums are added in
// order.
func (c Conv) KernelGradient(dw, x, dy []float32) {
	g := newKernelGradient(c)
	groups := g.groups()
	sums := make([][]float32, groups)
	inParallel(groups, func(group int) {
		sums[group] = make([]float32, g.size())
		for i := group * c.Batch / groups; i < (group+1)*c.Batch/groups; i++ {
			g.add(sums[group], x[i*g.xSize:][:g.xSize], dy[i*g.dySize:][:g.dySize])
		}
	})
	inParallel(c.Kernel[0], func(row int) { g.collect(dw, sums, row) })
}

// kernelGradient holds what is the same for all images. A sum has, for each block of output channels and each row of
// the kernel, the products of its run of (column, input channel), rounded up to whole tiles, with the block's lanes.
type kernelGradient struct {
	Conv
	frame         frame
	blocks        []block // without values
	run, taps     int     // of a row of the kernel; taps are rounded up to whole panels
	xSize, dySize int
	rowsAtOnce    int
}

// cached is how many values the first-level cache should hold at once.
const cached = 6 << 10

func newKernelGradient(c Conv) *kernelGradient {
	g := &kernelGradient{Conv: c, blocks: blocks(0, c.OutChannels, nil), run: c.Kernel[1] * c.InChannels,
		xSize: c.In[0] * c.In[1] * c.InChannels, dySize: c.Out[0] * c.Out[1] * c.OutChannels}
	g.taps = (g.run + 3) &^ 3
	g.frame = frameOf([]window{{in: c.In, inChannels: c.InChannels, first: [2]int{-c.Pad[0], -c.Pad[1]}, step: c.Stride,
		taps: c.Kernel, out: c.Out}})
	row := g.frame.size[1]*c.InChannels*c.Stride[0] + c.Out[1]*c.OutChannels
	g.rowsAtOnce = max(1, cached/row)
	return g
}

// groups trades memory for sums against cores that can work. It must depend on the geometry only.
func (g *kernelGradient) groups() int {
	if g.size() > 1<<18 {
		return min(g.Batch, 4)
	}
	return min(g.Batch, 16)
}

func (g *kernelGradient) size() int {
	last := g.blocks[len(g.blocks)-1]
	return (last.channel + last.lanes) * g.Kernel[0] * g.taps
}

// offset is where the products of a block with a row of the kernel begin in a sum.
func (g *kernelGradient) offset(b block, row int) int {
	return b.channel*g.Kernel[0]*g.taps + row*g.taps*b.lanes
}

// add adds the gradient of one image to sum.
func (g *kernelGradient) add(sum, x, dy []float32) {
	framed := x
	if g.frame.size != g.frame.in || g.run < g.taps {
		framed = g.frame.fill(x)
		defer g.frame.release(framed)
	}
	rowSize := g.frame.size[1] * g.InChannels
	for _, b := range g.blocks {
		slope, step := dy[b.channel:], g.OutChannels
		if b.used < b.lanes {
			slope, step = widened(slope, step, b), b.lanes
		}
		for from := 0; from < g.Out[0]; from += g.rowsAtOnce {
			p := panel{rows: min(g.rowsAtOnce, g.Out[0]-from), cols: g.Out[1], xStep: 1, xNext: g.InChannels * g.Stride[1],
				xRow: rowSize * g.Stride[0], wNext: step, wRow: g.Out[1] * step, yStep: b.lanes, add: 1}
			for row := range g.Kernel[0] {
				into, at := sum[g.offset(b, row):], (from*g.Stride[0]+row)*rowSize
				tiles(g.taps, func(tap, points int) {
					p.compute(into[tap*b.lanes:], framed[at+tap:], slope[from*p.wRow:], points, b.lanes)
				})
			}
		}
	}
}

// widened copies the channels of a block, step values apart, to pixels as wide as its lanes.
func widened(dy []float32, step int, b block) []float32 {
	pixels := (len(dy) + step - 1) / step
	wide := make([]float32, pixels*b.lanes)
	for p := range pixels {
		copy(wide[p*b.lanes:][:b.used], dy[p*step:])
	}
	return wide
}

// collect adds the groups' sums of one row of the kernel.
func (g *kernelGradient) collect(dw []float32, sums [][]float32, row int) {
	for _, b := range g.blocks {
		from := g.offset(b, row)
		for k := range g.run {
			into := dw[(row*g.run+k)*g.OutChannels+b.channel:][:b.used]
			clear(into)
			for _, sum := range sums {
				for i, v := range sum[from+k*b.lanes:][:b.used] {
					into[i] += v
				}
			}
		}
	}
}
