package task

import "sync"

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
