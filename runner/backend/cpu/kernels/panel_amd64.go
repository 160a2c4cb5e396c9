package kernels

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

var (
	haveAVX2    = cpu.X86.HasAVX2 && cpu.X86.HasFMA
	haveAVX512  = haveAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512BW
	haveVectors = haveAVX2
)

// The names say how many points and lanes a function computes.

//go:noescape
func panel8x32(y, x, w *float32, p *panel)

//go:noescape
func panel4x32(y, x, w *float32, p *panel)

//go:noescape
func panel8x16(y, x, w *float32, p *panel)

//go:noescape
func panel4x16(y, x, w *float32, p *panel)

//go:noescape
func panel4x16AVX2(y, x, w *float32, p *panel)

// vectors computes 4 or 8 points with what the processor has.
func (p *panel) vectors(y, x, w *float32, points, lanes int) {
	switch {
	case !haveAVX512:
		for first := 0; first < points; first += 4 {
			for lane := 0; lane < lanes; lane += 16 {
				panel4x16AVX2(at(y, first*p.yStep+lane), at(x, first*p.xStep), at(w, lane), p)
			}
		}
	case points == 8 && lanes == wideLanes:
		panel8x32(y, x, w, p)
	case points == 8:
		panel8x16(y, x, w, p)
	case lanes == wideLanes:
		panel4x32(y, x, w, p)
	default:
		panel4x16(y, x, w, p)
	}
}

func at(p *float32, i int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), i*4)) }

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
