//go:build amd64 && goexperiment.simd

package kernels

import (
	"simd/archsimd"
	"unsafe"
)

var (
	haveAVX512 = archsimd.X86.AVX512()
	haveAVX2   = archsimd.X86.AVX2() && archsimd.X86.FMA()
)

// product dispatches on what the processor has. The vector forms read memory without bounds checks, so the ends are checked here.
func (t tile) product(y, x, w []float32, lanes int) {
	if !haveAVX2 {
		t.productGeneric(y, x, w, lanes)
		return
	}
	_ = y[(t.pixels-1)*t.yStep+lanes-1]
	_ = x[(t.pixels-1)*t.xStep+(t.rows-1)*t.rowStep+t.run-1]
	_ = w[t.rows*t.run*lanes-1]
	switch {
	case haveAVX512 && lanes == wideLanes:
		t.wide512(&y[0], &x[0], &w[0])
	case haveAVX512:
		t.narrow512(&y[0], &x[0], &w[0])
	default:
		for lane := 0; lane < lanes; lane += narrowLanes {
			t.narrow256(&y[lane], &x[0], &w[lane], lanes)
		}
	}
}

// accumulate dispatches like product.
func (p patch) accumulate(dw, x, dy []float32, lanes int) {
	if !haveAVX2 || p.rows*p.cols == 0 {
		p.accumulateGeneric(dw, x, dy, lanes)
		return
	}
	_ = dw[tilePixels*lanes-1]
	_ = x[(p.rows-1)*p.xRow+(p.cols-1)*p.xStep+tilePixels-1]
	_ = dy[(p.rows-1)*p.dyRow+(p.cols-1)*p.dyStep+lanes-1]
	switch {
	case haveAVX512 && lanes == wideLanes:
		p.wide512(&dw[0], &x[0], &dy[0])
	case haveAVX512:
		p.narrow512(&dw[0], &x[0], &dy[0])
	default:
		for lane := 0; lane < lanes; lane += narrowLanes {
			p.narrow256(&dw[lane], &x[0], &dy[lane], lanes)
		}
	}
}

func at(p *float32, i int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), i*4)) }

func load8(p *float32, i int) archsimd.Float32x8 {
	return archsimd.LoadFloat32x8Array((*[8]float32)(unsafe.Pointer(at(p, i))))
}

func store8(p *float32, i int, v archsimd.Float32x8) {
	v.StoreArray((*[8]float32)(unsafe.Pointer(at(p, i))))
}

func spread8(p *float32, i int) archsimd.Float32x8 { return archsimd.BroadcastFloat32x8(*at(p, i)) }

func load16(p *float32, i int) archsimd.Float32x16 {
	return archsimd.LoadFloat32x16Array((*[16]float32)(unsafe.Pointer(at(p, i))))
}

func store16(p *float32, i int, v archsimd.Float32x16) {
	v.StoreArray((*[16]float32)(unsafe.Pointer(at(p, i))))
}

func spread16(p *float32, i int) archsimd.Float32x16 { return archsimd.BroadcastFloat32x16(*at(p, i)) }

func (t tile) wide512(y, x, w *float32) {
	s1, s2, s3 := offsets(t.pixels, t.xStep)
	var a0, a1, b0, b1, c0, c1, d0, d1 archsimd.Float32x16
	for row := range t.rows {
		x0, wr := at(x, row*t.rowStep), at(w, row*t.run*wideLanes)
		x1, x2, x3 := at(x0, s1), at(x0, s2), at(x0, s3)
		for i := 0; i < t.run; i++ {
			w0, w1 := load16(wr, i*wideLanes), load16(wr, i*wideLanes+16)
			v := spread16(x0, i)
			a0, a1 = v.MulAdd(w0, a0), v.MulAdd(w1, a1)
			v = spread16(x1, i)
			b0, b1 = v.MulAdd(w0, b0), v.MulAdd(w1, b1)
			v = spread16(x2, i)
			c0, c1 = v.MulAdd(w0, c0), v.MulAdd(w1, c1)
			v = spread16(x3, i)
			d0, d1 = v.MulAdd(w0, d0), v.MulAdd(w1, d1)
		}
	}
	s1, s2, s3 = offsets(t.pixels, t.yStep)
	store16(y, 0, a0)
	store16(y, 16, a1)
	store16(y, s1, b0)
	store16(y, s1+16, b1)
	store16(y, s2, c0)
	store16(y, s2+16, c1)
	store16(y, s3, d0)
	store16(y, s3+16, d1)
}

func (t tile) narrow512(y, x, w *float32) {
	s1, s2, s3 := offsets(t.pixels, t.xStep)
	var a, b, c, d archsimd.Float32x16
	for row := range t.rows {
		x0, wr := at(x, row*t.rowStep), at(w, row*t.run*narrowLanes)
		x1, x2, x3 := at(x0, s1), at(x0, s2), at(x0, s3)
		for i := 0; i < t.run; i++ {
			v := load16(wr, i*narrowLanes)
			a = spread16(x0, i).MulAdd(v, a)
			b = spread16(x1, i).MulAdd(v, b)
			c = spread16(x2, i).MulAdd(v, c)
			d = spread16(x3, i).MulAdd(v, d)
		}
	}
	s1, s2, s3 = offsets(t.pixels, t.yStep)
	store16(y, 0, a)
	store16(y, s1, b)
	store16(y, s2, c)
	store16(y, s3, d)
}

// narrow256 computes 16 lanes of weights that are lanes wide.
func (t tile) narrow256(y, x, w *float32, lanes int) {
	s1, s2, s3 := offsets(t.pixels, t.xStep)
	var a0, a1, b0, b1, c0, c1, d0, d1 archsimd.Float32x8
	for row := range t.rows {
		x0, wr := at(x, row*t.rowStep), at(w, row*t.run*lanes)
		x1, x2, x3 := at(x0, s1), at(x0, s2), at(x0, s3)
		for i := 0; i < t.run; i++ {
			w0, w1 := load8(wr, i*lanes), load8(wr, i*lanes+8)
			v := spread8(x0, i)
			a0, a1 = v.MulAdd(w0, a0), v.MulAdd(w1, a1)
			v = spread8(x1, i)
			b0, b1 = v.MulAdd(w0, b0), v.MulAdd(w1, b1)
			v = spread8(x2, i)
			c0, c1 = v.MulAdd(w0, c0), v.MulAdd(w1, c1)
			v = spread8(x3, i)
			d0, d1 = v.MulAdd(w0, d0), v.MulAdd(w1, d1)
		}
	}
	s1, s2, s3 = offsets(t.pixels, t.yStep)
	store8(y, 0, a0)
	store8(y, 8, a1)
	store8(y, s1, b0)
	store8(y, s1+8, b1)
	store8(y, s2, c0)
	store8(y, s2+8, c1)
	store8(y, s3, d0)
	store8(y, s3+8, d1)
}

// endVectors empties the upper halves of the vector registers, which the compiler does not. As long as they are in use, each scalar
// instruction on an Intel processor waits for the one before that wrote its register: exp took a hundred times as long
// (BenchmarkScalarAfterKernel).
func endVectors() {
	if haveAVX2 {
		archsimd.ClearAVXUpperBits()
	}
}

// Instructions names the vector instructions in use.
func Instructions() string {
	switch {
	case haveAVX512:
		return "AVX-512"
	case haveAVX2:
		return "AVX2"
	}
	return "none"
}
