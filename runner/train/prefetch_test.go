package train

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestInOrder: the results come in order though those of even numbers take longer, and not all are asked for at once.
func TestInOrder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var running, most atomic.Int64
	assemble := func(i int) int {
		now := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
		}
		if i%2 == 0 {
			time.Sleep(time.Millisecond)
		}
		return i * i
	}
	got := slices.Collect(inOrder(t.Context(), 3, 9, assemble))
	if want := []int{9, 16, 25, 36, 49, 64}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := len(slices.Collect(inOrder(t.Context(), 2, 2, assemble))); n != 0 {
		t.Errorf("%d results of none", n)
	}
	if most.Load() > prefetched {
		t.Errorf("%d at once, want at most %d", most.Load(), prefetched)
	}
}

// TestInOrderPanics: a panic comes when its turn has come, in the goroutine that reads.
func TestInOrderPanics(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	failure, taken := errors.New("no such row"), 0
	defer func() {
		if p := recover(); p != failure || taken != 2 {
			t.Errorf("panic %v after %d results, want that of the third", p, taken)
		}
	}()
	for range inOrder(t.Context(), 0, 10, func(i int) int {
		if i >= 2 {
			panic(failure)
		}
		return i
	}) {
		taken++
	}
}

// TestInOrderCancelled: the end of the context ends the wait for a slow one.
func TestInOrderCancelled(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := 0
	var assembled atomic.Int64
	for range inOrder(ctx, 0, 1000, func(i int) int { assembled.Add(1); return i }) {
		if begun++; begun == 3 {
			cancel()
		}
	}
	if begun != 3 || assembled.Load() > 3+prefetched {
		t.Errorf("%d results and %d assembled after the end, want 3 and at most %d more", begun, assembled.Load(), prefetched)
	}
}
