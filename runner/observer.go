package runner

import "github.com/dirbench/dirbench/runner/store"

// Observer is told how a suite goes. Its methods are called from one goroutine.
type Observer interface {
	// Begin announces a run; number counts from 1 to total.
	Begin(run *Run, number, total int)
	// Step reports a finished training step; all count from 1.
	Step(epoch, epochs, step, steps int)
	// Epoch reports a validation.
	Epoch(event store.Event)
	// End reports how the run ended; skipped means that it had been done before.
	End(run *Run, status store.Status, skipped bool)
}
