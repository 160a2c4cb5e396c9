//go:build amd64 && goexperiment.simd

package kernels

import (
	"simd/archsimd"
	"unsafe"
)

func load8(p *float32, i int) archsimd.Float32x8 {
	return archsimd.LoadFloat32x8Array((*[8]float32)(unsafe.Pointer(at(p, i))))
}

func store8(p *float32, i int, v archsimd.Float32x8) {
	v.StoreArray((*[8]float32)(unsafe.Pointer(at(p, i))))
}

// endVectors empties the upper halves of the vector registers, which the compiler does not. As long as they are in use,
// each scalar instruction on an Intel processor waits for the one before that wrote its register: exp took a hundred
// times as long (BenchmarkScalarAfterKernel).
func endVectors() {
	if haveAVX2 {
		archsimd.ClearAVXUpperBits()
	}
}
