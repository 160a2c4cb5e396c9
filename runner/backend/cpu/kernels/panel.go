package kernels

// Convolutions, their gradients and matrix products are sums of panels: a few points of x times some lanes of w.
const (
	panelPoints = 8
	narrowLanes = 16
	wideLanes   = 32
)

// panel is the product
//
//	y[p·yStep + lane] = Σ x[r·xRow + i·xNext + p·xStep] · w[r·wRow + i·wNext + lane]
//
// over the rows r and columns i, for all points p and lanes; with add it is added to y. Distances are in values. A tile
// of a convolution has pixels as points and sums over taps; a tile of a kernel's gradient has taps as points and sums
// over pixels.
type panel struct {
	rows, cols         int
	xStep, xNext, xRow int
	wNext, wRow        int
	yStep              int
	add                int // 0 or 1
}

// compute computes 1, 4 or 8 points and 16 or 32 lanes. The vector forms read memory without bounds checks, so the ends
// are checked here.
func (p *panel) compute(y, x, w []float32, points, lanes int) {
	_ = y[(points-1)*p.yStep+lanes-1]
	_ = x[(points-1)*p.xStep+(p.cols-1)*p.xNext+(p.rows-1)*p.xRow]
	_ = w[(p.cols-1)*p.wNext+(p.rows-1)*p.wRow+lanes-1]
	switch {
	case haveVectors && points == 1:
		one := *p // four times the same point
		one.xStep, one.yStep = 0, 0
		one.vectors(&y[0], &x[0], &w[0], 4, lanes)
	case haveVectors:
		p.vectors(&y[0], &x[0], &w[0], points, lanes)
	default:
		p.generic(y, x, w, points, lanes)
	}
}

// part computes the lanes that a block uses, which may be fewer than it has.
func (p panel) part(y, x []float32, b block, points int) {
	if b.used == b.lanes {
		p.compute(y, x, b.values, points, b.lanes)
		return
	}
	var whole [panelPoints * wideLanes]float32
	step := p.yStep
	p.yStep = b.lanes
	p.compute(whole[:], x, b.values, points, b.lanes)
	for i := range points {
		copy(y[i*step:][:b.used], whole[i*b.lanes:])
	}
}

// tiles cuts n points into panels of 8 and 4; the last begins where it ends with the points, so that it may compute
// some twice. Fewer than four points are computed one by one.
func tiles(n int, do func(first, points int)) {
	if n < 4 {
		for i := range n {
			do(i, 1)
		}
		return
	}
	first := 0
	for ; n-first >= 8; first += 8 {
		do(first, 8)
	}
	switch rest := n - first; {
	case rest > 4 && n >= 8:
		do(n-8, 8)
	case rest > 4:
		do(0, 4)
		do(n-4, 4)
	case rest > 0:
		do(n-4, 4)
	}
}

// generic is compute without vector instructions: two lanes of four points at once, which fit in registers.
func (p *panel) generic(y, x, w []float32, points, lanes int) {
	for first := 0; first < points; first += 4 {
		second, third, fourth := min(1, points-1)*p.xStep, min(2, points-1)*p.xStep, min(3, points-1)*p.xStep
		for lane := 0; lane < lanes; lane += 2 {
			var a0, a1, b0, b1, c0, c1, d0, d1 float32
			for row := range p.rows {
				at, to := first*p.xStep+row*p.xRow, row*p.wRow+lane
				for range p.cols {
					w0, w1 := w[to], w[to+1]
					v := x[at]
					a0, a1 = a0+v*w0, a1+v*w1
					v = x[at+second]
					b0, b1 = b0+v*w0, b1+v*w1
					v = x[at+third]
					c0, c1 = c0+v*w0, c1+v*w1
					v = x[at+fourth]
					d0, d1 = d0+v*w0, d1+v*w1
					at, to = at+p.xNext, to+p.wNext
				}
			}
			sums := [4][2]float32{{a0, a1}, {b0, b1}, {c0, c1}, {d0, d1}}
			for i := range min(4, points) {
				into := y[(first+i)*p.yStep+lane:][:2]
				if p.add == 0 {
					into[0], into[1] = 0, 0
				}
				into[0], into[1] = into[0]+sums[i][0], into[1]+sums[i][1]
			}
		}
	}
}
