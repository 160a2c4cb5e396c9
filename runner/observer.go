package runner

import (
	"sync"

	"github.com/dirbench/dirbench/runner/store"
)

// Observer is told how a suite goes. Its methods are called by one goroutine at a time.
type Observer interface {
	// Begin announces a run; number counts from 1 to total.
	Begin(run *Run, number, total int)
	// Step reports a finished training step; all count from 1.
	Step(run *Run, epoch, epochs, step, steps int)
	// Epoch reports a validation.
	Epoch(run *Run, event store.Event)
	// Note says something that a person may want to know: that a run goes on from a checkpoint, or waits.
	Note(run *Run, text string)
	// End reports how the run ended; skipped means that nothing was done in this call.
	End(run *Run, status store.Status, skipped bool)
}

// oneAtATime passes on what several goroutines tell.
type oneAtATime struct {
	mutex sync.Mutex
	to    Observer
}

func (o *oneAtATime) Begin(run *Run, number, total int) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Begin(run, number, total)
}

func (o *oneAtATime) Step(run *Run, epoch, epochs, step, steps int) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Step(run, epoch, epochs, step, steps)
}

func (o *oneAtATime) Epoch(run *Run, event store.Event) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Epoch(run, event)
}

func (o *oneAtATime) Note(run *Run, text string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Note(run, text)
}

func (o *oneAtATime) End(run *Run, status store.Status, skipped bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.End(run, status, skipped)
}
