package benchmarks

import (
	"runtime"

	"golang.org/x/sync/errgroup"
)

// inParallel calls f for 0 to n-1 on all cores. A panic of f reaches the caller.
func inParallel(n int, f func(i int)) {
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		workers.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = workers.Wait() // f has no error
}
