//go:build amd64 && goexperiment.simd

package kernels

func arithmetic(op Op, y, a, b []float32, aStep, bStep int) {
	n := whole(len(y))
	switch op {
	case OpAdd:
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Add(load8(&b[i*bStep], 0)))
		}
	case OpSub:
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Sub(load8(&b[i*bStep], 0)))
		}
	case OpMul:
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Mul(load8(&b[i*bStep], 0)))
		}
	case OpDiv:
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Div(load8(&b[i*bStep], 0)))
		}
	case OpSqrt:
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i*aStep], 0).Sqrt())
		}
	}
	arithmeticFrom(n, op, y, a, b, aStep, bStep)
}
