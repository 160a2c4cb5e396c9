package task

import (
	"sync/atomic"
	"testing"
)

func TestInParallelHandsOverPanics(t *testing.T) {
	var calls atomic.Int32
	defer func() {
		if p := recover(); p != "third" || calls.Load() != 10 {
			t.Errorf("recovered %v after %d calls, want the panic after all 10", p, calls.Load())
		}
	}()
	inParallel(10, func(i int) {
		calls.Add(1)
		if i == 3 {
			panic("third")
		}
	})
}
