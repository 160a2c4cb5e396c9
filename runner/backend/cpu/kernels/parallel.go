package kernels

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls f for 0 to n-1 on all cores, and leaves their vector registers as scalar code wants them. A panic of
// f reaches the caller.
//
// A step of training is some hundred short kernels. Waking a sleeping thread takes as long as many of them, so the
// goroutines that help wait for the next kernel for a moment before they end (BenchmarkShortKernels). A call within a
// call, or beside another, works alone.
func inParallel(n int, f func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 || !busy.TryLock() {
		defer endVectors()
		for i := range n {
			f(i)
		}
		return
	}
	defer busy.Unlock()
	s := &shared{n: n, f: f}
	current.Store(s)
	for helping.Load() < int32(workers-1) {
		helping.Add(1)
		go help()
	}
	s.work()
	for done := 0; int(s.done.Load()) < n; done++ {
		wait(done)
	}
	if p := s.failure.Load(); p != nil {
		panic(p)
	}
}

var (
	busy    sync.Mutex             // held while current is worked on
	current atomic.Pointer[shared] // the last call of inParallel
	helping atomic.Int32           // goroutines that help
)

// shared is a call of inParallel: whoever works on it takes the next index until there is none.
type shared struct {
	n          int
	f          func(i int)
	next, done atomic.Int64
	failure    atomic.Value
}

func (s *shared) work() {
	defer endVectors()
	for i := int(s.next.Add(1)) - 1; i < s.n; i = int(s.next.Add(1)) - 1 {
		s.call(i)
	}
}

func (s *shared) call(i int) {
	defer s.done.Add(1)
	defer func() {
		if p := recover(); p != nil {
			s.failure.CompareAndSwap(nil, fmt.Sprint(p))
		}
	}()
	s.f(i)
}

// patience is how often a helping goroutine looks for work before it ends: some 200 µs.
const patience = 300

// help works on one call of inParallel after the other, until there is none for a while.
func help() {
	defer helping.Add(-1)
	var last *shared
	for tries := 0; tries < patience; tries++ {
		if s := current.Load(); s != nil && s != last { // nil: another helper has ended
			s.work()
			last, tries = s, 0
		}
		pause()
	}
	if last != nil {
		current.CompareAndSwap(last, nil) // keeps no memory that the call refers to
	}
}

// wait waits a moment, at first without giving up the core.
func wait(tries int) {
	if tries < patience {
		pause()
	} else {
		runtime.Gosched()
	}
}
