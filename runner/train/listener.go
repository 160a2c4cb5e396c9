package train

import (
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// Listener is told how a training goes.
type Listener interface {
	// Step reports a finished training step; all count from 1.
	Step(run *plan.Run, epoch, epochs, step, steps int)
	// Epoch reports a validation.
	Epoch(run *plan.Run, event store.Event)
	// Note says something that a person may want to know: that a run goes on from a checkpoint, or waits.
	Note(run *plan.Run, text string)
}

// Silent is a listener that tells nobody.
type Silent struct{}

// Step does nothing.
func (Silent) Step(*plan.Run, int, int, int, int) {}

// Epoch does nothing.
func (Silent) Epoch(*plan.Run, store.Event) {}

// Note does nothing.
func (Silent) Note(*plan.Run, string) {}
