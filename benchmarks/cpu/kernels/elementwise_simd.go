//go:build amd64 && goexperiment.simd

package kernels

import "simd/archsimd"

// addValues is y = a + b, where b may be one value.
func addValues(y, a, b []float32) {
	n := 0
	if len(b) == len(a) {
		n = whole(len(a))
		for i := 0; i < n; i += 8 {
			store8(&y[i], 0, load8(&a[i], 0).Add(load8(&b[i], 0)))
		}
		b = b[n:]
	}
	addGeneric(y[n:], a[n:], b)
}

// aboveValues is y = a where x is above the limit and otherwise elsewhere; a may be one value.
func aboveValues(y, x []float32, limit float32, a []float32, otherwise float32) {
	n := 0
	if len(a) == len(x) {
		n = whole(len(x))
		least, other := archsimd.BroadcastFloat32x8(limit), archsimd.BroadcastFloat32x8(otherwise)
		for i := 0; i < n; i += 8 {
			above := load8(&x[i], 0).Greater(least)
			store8(&y[i], 0, load8(&a[i], 0).Merge(other, above))
		}
		a = a[n:]
	}
	aboveGeneric(y[n:], x[n:], limit, a, otherwise)
}
