package kernels

import "math"

// MaxOverTime takes, for each channel of x [batch, steps, channels], the maximum y [batch, channels] over the steps
// where mask [batch, steps] is not 0, -Inf if there is none.
func MaxOverTime(y, x, mask []float32, batch, steps int) {
	inParallel(batch, func(n int) {
		channels := len(y) / batch
		into := y[n*channels:][:channels]
		for c := range into {
			into[c] = float32(math.Inf(-1))
		}
		for t, there := range mask[n*steps:][:steps] {
			if there == 0 {
				continue
			}
			for c, v := range x[(n*steps+t)*channels:][:channels] {
				into[c] = max(into[c], v)
			}
		}
	})
}

// MaxOverTimeGradient computes the gradient of x for a gradient dy of the maxima y: each step that has the maximum gets
// it whole, as in GoMLX.
func MaxOverTimeGradient(dx, dy, y, x, mask []float32, batch, steps int) {
	inParallel(batch, func(n int) {
		channels := len(y) / batch
		most, slope := y[n*channels:][:channels], dy[n*channels:][:channels]
		for t, there := range mask[n*steps:][:steps] {
			at := (n*steps + t) * channels
			into := dx[at:][:channels]
			clear(into)
			if there == 0 {
				continue
			}
			for c, v := range x[at:][:channels] {
				if v == most[c] {
					into[c] = slope[c]
				}
			}
		}
	})
}
