package train

import (
	"context"
	"iter"
	"sync"
)

// prefetched is how many batches are assembled at the same time, ahead of the device. The rows of a large batch are spread over
// the cores besides, so that the number of cores asks for no more of them in memory.
const prefetched = 4

// inOrder yields what assemble returns for the numbers from first up to end, in their order. The next ones are already on
// their way, each in a goroutine of its own; none is left when the loop ends. It ends early when ctx does. A panic of assemble reaches
// the caller's goroutine, where the runner recovers.
func inOrder[T any](ctx context.Context, first, end int, assemble func(i int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		var running sync.WaitGroup
		defer running.Wait()
		var coming [prefetched]chan result[T] // the one of i is at i % prefetched
		start := func(i int) {
			if i >= end || ctx.Err() != nil {
				return
			}
			ready := make(chan result[T], 1)
			coming[i%prefetched] = ready
			running.Go(func() { ready <- attempt(i, assemble) })
		}
		for i := first; i < first+prefetched; i++ {
			start(i)
		}
		for i := first; i < end; i++ {
			select {
			case <-ctx.Done():
				return
			case r := <-coming[i%prefetched]:
				if r.failure != nil {
					panic(r.failure)
				}
				if ctx.Err() != nil || !yield(r.value) {
					return
				}
			}
			start(i + prefetched)
		}
	}
}

// result is a value or what its making panicked with.
type result[T any] struct {
	value   T
	failure any
}

func attempt[T any](i int, assemble func(i int) T) (r result[T]) {
	defer func() { r.failure = recover() }()
	r.value = assemble(i)
	return r
}
