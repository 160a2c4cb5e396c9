package kernels

import (
	"math"
	"testing"
)

// BenchmarkScalarAfterKernel measures scalar code that follows a kernel on the same core: a few ns for each value, if the kernel left
// the registers clean.
func BenchmarkScalarAfterKernel(b *testing.B) {
	x, y, sum := make([]float32, 1024), make([]float32, 1024), 0.0
	for b.Loop() {
		Add(y, x, x)
		for i := range x {
			sum += math.Exp(float64(y[i] + float32(i&7)))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/value")
	if sum == 0 {
		b.Error("nothing was computed")
	}
}
