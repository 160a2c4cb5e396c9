package kernels

// A matrix is an image of one row whose pixels are the matrix's rows, and a sum over rows is the gradient of a kernel
// with one tap. The rows are dealt out as images, so that all cores have some.

// RowProducts computes, for each of some pairs of matrices a [rows, m] and b [rows, n], y [m, n] = aᵀ·b.
func RowProducts(y, a, b []float32, pairs, m, n int) {
	rows := len(a) / pairs / m
	c := rowConv(rows, m, n)
	for i := range pairs {
		c.KernelGradient(y[i*m*n:][:m*n], a[i*rows*m:][:rows*m], b[i*rows*n:][:rows*n])
	}
}

func rowConv(rows, in, out int) Conv {
	c := Conv{Batch: divisor(rows, 16), InChannels: in, OutChannels: out, Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}}
	c.In = [2]int{1, rows / c.Batch}
	c.Out = c.In
	return c
}

// divisor is the largest divisor of n up to a limit.
func divisor(n, limit int) int {
	d := min(n, limit)
	for n%d != 0 {
		d--
	}
	return d
}
