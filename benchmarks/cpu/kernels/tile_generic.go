package kernels

// productGeneric is tile.product without vector instructions.
func (t tile) productGeneric(y, x, w []float32, lanes int) {
	var sum [narrowLanes]float32
	for p := range t.pixels {
		for lane := 0; lane < lanes; lane += narrowLanes {
			clear(sum[:])
			for row := range t.rows {
				taps := x[p*t.xStep+row*t.rowStep:][:t.run]
				for i, v := range taps {
					weights := w[(row*t.run+i)*lanes+lane:][:narrowLanes]
					for k, weight := range weights {
						sum[k] += v * weight
					}
				}
			}
			copy(y[p*t.yStep+lane:], sum[:])
		}
	}
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
