//go:build amd64 && goexperiment.simd

package kernels

func (p patch) wide512(dw, x, dy *float32) {
	a0, a1, b0, b1 := load16(dw, 0), load16(dw, 16), load16(dw, 32), load16(dw, 48)
	c0, c1, d0, d1 := load16(dw, 64), load16(dw, 80), load16(dw, 96), load16(dw, 112)
	for row := range p.rows {
		xr, dyr := at(x, row*p.xRow), at(dy, row*p.dyRow)
		for col := 0; col < p.cols; col++ {
			w0, w1 := load16(dyr, col*p.dyStep), load16(dyr, col*p.dyStep+16)
			x0 := at(xr, col*p.xStep)
			v := spread16(x0, 0)
			a0, a1 = v.MulAdd(w0, a0), v.MulAdd(w1, a1)
			v = spread16(x0, 1)
			b0, b1 = v.MulAdd(w0, b0), v.MulAdd(w1, b1)
			v = spread16(x0, 2)
			c0, c1 = v.MulAdd(w0, c0), v.MulAdd(w1, c1)
			v = spread16(x0, 3)
			d0, d1 = v.MulAdd(w0, d0), v.MulAdd(w1, d1)
		}
	}
	store16(dw, 0, a0)
	store16(dw, 16, a1)
	store16(dw, 32, b0)
	store16(dw, 48, b1)
	store16(dw, 64, c0)
	store16(dw, 80, c1)
	store16(dw, 96, d0)
	store16(dw, 112, d1)
}

func (p patch) narrow512(dw, x, dy *float32) {
	a, b, c, d := load16(dw, 0), load16(dw, 16), load16(dw, 32), load16(dw, 48)
	for row := range p.rows {
		xr, dyr := at(x, row*p.xRow), at(dy, row*p.dyRow)
		for col := 0; col < p.cols; col++ {
			v, x0 := load16(dyr, col*p.dyStep), at(xr, col*p.xStep)
			a = spread16(x0, 0).MulAdd(v, a)
			b = spread16(x0, 1).MulAdd(v, b)
			c = spread16(x0, 2).MulAdd(v, c)
			d = spread16(x0, 3).MulAdd(v, d)
		}
	}
	store16(dw, 0, a)
	store16(dw, 16, b)
	store16(dw, 32, c)
	store16(dw, 48, d)
}

// narrow256 accumulates 16 lanes of a dw that is lanes wide.
func (p patch) narrow256(dw, x, dy *float32, lanes int) {
	a0, a1, b0, b1 := load8(dw, 0), load8(dw, 8), load8(dw, lanes), load8(dw, lanes+8)
	c0, c1, d0, d1 := load8(dw, 2*lanes), load8(dw, 2*lanes+8), load8(dw, 3*lanes), load8(dw, 3*lanes+8)
	for row := range p.rows {
		xr, dyr := at(x, row*p.xRow), at(dy, row*p.dyRow)
		for col := 0; col < p.cols; col++ {
			w0, w1 := load8(dyr, col*p.dyStep), load8(dyr, col*p.dyStep+8)
			x0 := at(xr, col*p.xStep)
			v := spread8(x0, 0)
			a0, a1 = v.MulAdd(w0, a0), v.MulAdd(w1, a1)
			v = spread8(x0, 1)
			b0, b1 = v.MulAdd(w0, b0), v.MulAdd(w1, b1)
			v = spread8(x0, 2)
			c0, c1 = v.MulAdd(w0, c0), v.MulAdd(w1, c1)
			v = spread8(x0, 3)
			d0, d1 = v.MulAdd(w0, d0), v.MulAdd(w1, d1)
		}
	}
	store8(dw, 0, a0)
	store8(dw, 8, a1)
	store8(dw, lanes, b0)
	store8(dw, lanes+8, b1)
	store8(dw, 2*lanes, c0)
	store8(dw, 2*lanes+8, c1)
	store8(dw, 3*lanes, d0)
	store8(dw, 3*lanes+8, d1)
}
