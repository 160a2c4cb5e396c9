package execute

import (
	"sync"

	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Observer is told how a suite goes. Its methods are called by one goroutine at a time.
type Observer interface {
	train.Listener
	// Begin announces a run; number counts from 1 to total.
	Begin(run *plan.Run, number, total int)
	// End reports how the run ended; skipped means that nothing was done in this call.
	End(run *plan.Run, status store.Status, skipped bool)
}

// oneAtATime passes on what several goroutines tell.
type oneAtATime struct {
	mutex sync.Mutex
	to    Observer
}

func (o *oneAtATime) Begin(run *plan.Run, number, total int) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Begin(run, number, total)
}

func (o *oneAtATime) Step(run *plan.Run, epoch, epochs, step, steps int) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Step(run, epoch, epochs, step, steps)
}

func (o *oneAtATime) Epoch(run *plan.Run, event store.Event) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Epoch(run, event)
}

func (o *oneAtATime) Note(run *plan.Run, text string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.Note(run, text)
}

func (o *oneAtATime) End(run *plan.Run, status store.Status, skipped bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.to.End(run, status, skipped)
}
