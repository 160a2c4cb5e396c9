package task

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes/gotype"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"golang.org/x/sync/errgroup"
)

// Memory holds the tensors of batches that are done with, for batches to come. A tensor comes back when the step that
// read it has returned: a backend then no longer reads it, since go-xla waits for the end of a transfer and of an
// execution, and the pure Go backend does nothing behind one's back. A backend that shares its memory with the host
// (Go, XLA on a CPU) then reads what is written into the tensor without another copy.
//
// A tensor belongs to the backend that read it, so that each trainer has memory of its own. A nil Memory makes new
// tensors.
type Memory struct {
	lock sync.Mutex
	free []*tensors.Tensor
}

// Tensor returns a tensor whose content is left from before.
func (m *Memory) Tensor(shape shapes.Shape) *tensors.Tensor {
	if m == nil {
		return tensors.FromShape(shape)
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	for i, t := range slices.Backward(m.free) {
		if t.Shape().Equal(shape) {
			m.free = slices.Delete(m.free, i, i+1)
			return t
		}
	}
	return tensors.FromShape(shape)
}

// Release takes tensors back.
func (m *Memory) Release(used ...*tensors.Tensor) {
	if m == nil {
		return
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.free = append(m.free, used...)
}

// Close frees the tensors that came back, before the backend ends.
func (m *Memory) Close() {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, t := range m.free {
		t.MustFinalizeAll()
	}
	m.free = nil
}

// filled returns a tensor of the memory that f has written all values of.
func filled[T gotype.Supported](m *Memory, shape shapes.Shape, f func(flat []T)) *tensors.Tensor {
	t := m.Tensor(shape)
	tensors.MustMutableFlatData(t, f)
	return t
}

// scratch is memory for records on their way into a batch, which goroutines take and put back.
type scratch struct {
	size int // bytes
	pool sync.Pool
}

func newScratch(size int) *scratch { return &scratch{size: size} }

// take returns memory whose content is left from before.
func (s *scratch) take() []uint8 {
	if b, ok := s.pool.Get().(*[]uint8); ok {
		return *b
	}
	return make([]uint8, s.size)
}

func (s *scratch) put(b []uint8) { s.pool.Put(&b) }

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
