package task

import (
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// inParallel calls f for 0 to n-1 on all cores. The first panic of f reaches the caller when all are done.
func inParallel(n int, f func(i int)) {
	var (
		workers errgroup.Group
		once    sync.Once
		failure any
	)
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		workers.Go(func() error {
			defer func() {
				if p := recover(); p != nil {
					once.Do(func() { failure = p })
				}
			}()
			f(i)
			return nil
		})
	}
	_ = workers.Wait() // f has no error
	if failure != nil {
		panic(failure)
	}
}
