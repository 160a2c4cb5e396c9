package kernels

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls f for 0 to n-1 on all cores, and leaves their vector registers as scalar code wants them. A panic of f reaches the
// caller.
func inParallel(n int, f func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		defer endVectors()
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var failure atomic.Value
	work := func() {
		defer endVectors()
		defer func() {
			if p := recover(); p != nil {
				failure.CompareAndSwap(nil, fmt.Sprint(p))
			}
		}()
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if p := failure.Load(); p != nil {
		panic(p)
	}
}
