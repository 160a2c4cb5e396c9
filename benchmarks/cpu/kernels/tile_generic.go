package kernels

// productGeneric is tile.product without vector instructions: two lanes of four pixels at once, which fit in registers.
func (t tile) productGeneric(y, x, w []float32, lanes int) {
	second, third, fourth := offsets(t.pixels, 1)
	for lane := 0; lane < lanes; lane += 2 {
		var a0, a1, b0, b1, c0, c1, d0, d1 float32
		for row := range t.rows {
			taps := func(pixel int) []float32 { return x[pixel*t.xStep+row*t.rowStep:][:t.run] }
			xa, xb, xc, xd := taps(0), taps(second), taps(third), taps(fourth)
			at := row*t.run*lanes + lane
			for i, v := range xa {
				w0, w1 := w[at], w[at+1]
				at += lanes
				a0 += v * w0
				a1 += v * w1
				b0 += xb[i] * w0
				b1 += xb[i] * w1
				c0 += xc[i] * w0
				c1 += xc[i] * w1
				d0 += xd[i] * w0
				d1 += xd[i] * w1
			}
		}
		store := func(pixel int, v0, v1 float32) {
			y[pixel*t.yStep+lane], y[pixel*t.yStep+lane+1] = v0, v1
		}
		store(0, a0, a1)
		store(second, b0, b1)
		store(third, c0, c1)
		store(fourth, d0, d1)
	}
}

// offsets are the distances of four pixels; missing ones repeat the last.
func offsets(pixels, step int) (second, third, fourth int) {
	return min(1, pixels-1) * step, min(2, pixels-1) * step, min(3, pixels-1) * step
}

// accumulateGeneric is patch.accumulate without vector instructions.
func (p patch) accumulateGeneric(dw, x, dy []float32, lanes int) {
	for row := range p.rows {
		for col := range p.cols {
			from, slope := x[row*p.xRow+col*p.xStep:][:tilePixels], dy[row*p.dyRow+col*p.dyStep:][:lanes]
			for i, v := range from {
				into := dw[i*lanes:][:lanes]
				for k, d := range slope {
					into[k] += v * d
				}
			}
		}
	}
}
