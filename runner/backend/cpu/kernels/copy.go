package kernels

// Slice copies the values of x, an array of some size, from the first position to before the end of each axis.
func Slice(y, x []float32, size, first, end []int) {
	// The axes after the last one that is cut are one run in memory.
	cut, run := len(size)-1, 1
	for ; cut > 0 && first[cut] == 0 && end[cut] == size[cut]; cut-- {
		run *= size[cut]
	}
	taken := (end[cut] - first[cut]) * run
	inParallel(len(y)/taken, func(i int) {
		at, scale, rest := first[cut]*run, size[cut]*run, i
		for axis := cut - 1; axis >= 0; axis-- {
			n := end[axis] - first[axis]
			at += (first[axis] + rest%n) * scale
			rest, scale = rest/n, scale*size[axis]
		}
		copy(y[i*taken:][:taken], x[at:])
	})
}

// Concatenate joins the runs of all inputs, which have so many values each.
func Concatenate(y []float32, inputs [][]float32, runs []int) {
	whole := 0
	for _, run := range runs {
		whole += run
	}
	inParallel(len(y)/whole, func(i int) {
		at := i * whole
		for k, run := range runs {
			at += copy(y[at:], inputs[k][i*run:][:run])
		}
	})
}

// Broadcast repeats the values of x. Sizes are those of y's axes, strides how far x moves along each: 0 where it
// repeats.
func Broadcast(y, x []float32, sizes, strides []int) {
	last := len(sizes) - 1
	run := sizes[last]
	inParallel(len(y)/run, func(i int) {
		at, rest := 0, i
		for axis := last - 1; axis >= 0; axis-- {
			at += rest % sizes[axis] * strides[axis]
			rest /= sizes[axis]
		}
		row := y[i*run:][:run]
		if strides[last] != 0 {
			copy(row, x[at:])
			return
		}
		for k := range row {
			row[k] = x[at]
		}
	})
}
