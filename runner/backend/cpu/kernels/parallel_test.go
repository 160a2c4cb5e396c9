package kernels

import (
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// Every index is worked on once, also by calls within calls and beside one another, and the goroutines that helped end.
func TestInParallel(t *testing.T) {
	const calls, n = 4, 100
	var counts [calls][n]atomic.Int32
	done := make(chan bool)
	for c := range calls {
		go func() {
			inParallel(n, func(i int) {
				inParallel(3, func(int) { runtime.Gosched() })
				counts[c][i].Add(1)
			})
			done <- true
		}()
	}
	for range calls {
		<-done
	}
	for c := range counts {
		for i := range counts[c] {
			if got := counts[c][i].Load(); got != 1 {
				t.Errorf("call %d: index %d was worked on %d times", c, i, got)
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); helping.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines still help", helping.Load())
		}
	}
}

func TestInParallelPanics(t *testing.T) {
	defer func() {
		if p := recover(); p == nil {
			t.Error("the panic is lost")
		}
		inParallel(8, func(int) {}) // the next call works
	}()
	inParallel(8, func(i int) {
		if i == 5 {
			panic("five")
		}
	})
}

// BenchmarkShortKernels measures kernels that follow one another with a little serial work between them, as in a step
// of training.
func BenchmarkShortKernels(b *testing.B) {
	x, y := make([]float32, 1<<17), make([]float32, 1<<17)
	for b.Loop() {
		Add(y, x, x)
		for i := range 1000 {
			x[i] += y[i]
		}
	}
}

// BenchmarkScalarAfterKernel measures scalar code that follows a kernel on the same core: a few ns for each value, if
// the kernel left the registers clean.
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
