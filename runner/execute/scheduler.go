package execute

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// A Launcher executes runs, in this process or elsewhere; see [Processes.Launch]. After Close it holds nothing any
// more.
type Launcher interface {
	Launch(ctx context.Context, run *plan.Run, slot int, dead store.Seen, observer train.Listener) (Outcome, error)
	Close()
}

// Scheduler executes planned runs, several at a time, beside any number of other schedulers on the same run store.
type Scheduler struct {
	Launcher    Launcher
	Observer    Observer
	Jobs        int           // runs at the same time
	RetryFailed bool          // also those that failed for good
	Poll        time.Duration // between two looks at runs that other processes have; 0: two seconds
	Watch       store.ClaimWatch
}

// Execute executes the plan and returns the outcomes in its order. A run that fails does not stop the others, and one
// that another process has is waited for. The error is not nil only if ctx ended; then the outcomes are those so far.
func (s *Scheduler) Execute(ctx context.Context, runs []*plan.Run) ([]Outcome, error) {
	defer s.Launcher.Close()
	c := &schedule{Scheduler: s, observer: &oneAtATime{to: s.Observer}, runs: runs, ended: make(chan launched),
		states: map[*plan.Run]runState{}, outcomes: map[*plan.Run]Outcome{}}
	for slot := range max(1, s.Jobs) {
		c.slots = append(c.slots, slot)
	}
	for _, run := range runs {
		c.states[run] = waiting
	}
	for i, run := range runs {
		c.observer.Begin(run, i+1, len(runs))
		c.lookBack(run)
	}
	err := c.loop(ctx)
	var outcomes []Outcome
	for _, run := range runs {
		if outcome, ok := c.outcomes[run]; ok {
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes, err
}

type runState int

const (
	waiting   runState = iota
	elsewhere          // another process has it
	active
	over
)

// schedule is a plan in execution. One goroutine changes it.
type schedule struct {
	*Scheduler
	observer Observer
	runs     []*plan.Run
	states   map[*plan.Run]runState
	outcomes map[*plan.Run]Outcome
	slots    []int // free
	running  int
	ended    chan launched
}

// launched is how a launch ended.
type launched struct {
	run     *plan.Run
	slot    int
	outcome Outcome
	err     error
}

// lookBack ends a run that needs no execution: it is done, or failed for good.
func (c *schedule) lookBack(run *plan.Run) {
	there, err := previous(run)
	switch {
	case err != nil:
		c.end(Outcome{Run: run, Status: statusOf(err), Unreadable: true})
	case there.Status.State == store.Done, there.FailedForGood() && !c.RetryFailed:
		c.end(Outcome{Run: run, Status: there.Status, Skipped: true})
	}
}

func (c *schedule) end(o Outcome) {
	c.states[o.Run], c.outcomes[o.Run] = over, o
	if o.Status.State == store.Done {
		// Its process does so too, unless it dies in between. What cannot be removed does no harm.
		_ = train.DropCheckpoints(o.Run)
	}
	c.observer.End(o.Run, o.Status, o.Skipped)
}

func (c *schedule) loop(ctx context.Context) error {
	poll := c.Poll
	if poll == 0 {
		poll = 2 * time.Second
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil && len(c.slots) > 0 && c.launchNext(ctx) {
		}
		if c.running == 0 && (ctx.Err() != nil || len(c.outcomes) == len(c.runs)) {
			return c.interruption(ctx)
		}
		select {
		case l := <-c.ended:
			c.finish(l)
		case <-ticker.C:
			c.lookElsewhere()
		case <-c.untilDone(ctx):
		}
	}
}

// interruption returns the error of ctx, unless it ended when every run was over by itself.
func (c *schedule) interruption(ctx context.Context) error {
	interrupted := len(c.outcomes) < len(c.runs)
	for _, o := range c.outcomes {
		interrupted = interrupted || o.Status.State == store.Interrupted
	}
	if !interrupted {
		return nil
	}
	return ctx.Err()
}

// untilDone wakes the loop when ctx ends, once: after that the launched runs end by themselves.
func (c *schedule) untilDone(ctx context.Context) <-chan struct{} {
	if ctx.Err() != nil {
		return nil
	}
	return ctx.Done()
}

// launchNext launches the first run that can start, and reports whether there was one.
func (c *schedule) launchNext(ctx context.Context) bool {
	for _, run := range c.runs {
		if c.states[run] != waiting || c.waitsForFirst(run) {
			continue
		}
		claim, free, err := c.Watch.Look(run.Dir)
		if err != nil {
			c.end(Outcome{Run: run, Status: statusOf(store.Failure{Class: store.ClassIO, Err: err})})
			return true
		}
		if !free {
			c.leave(run, claim.Holder)
			continue
		}
		slot := c.slots[0]
		c.slots, c.states[run] = c.slots[1:], active
		c.running++
		go func() {
			outcome, err := c.Launcher.Launch(ctx, run, slot, claim, c.observer)
			c.ended <- launched{run, slot, outcome, err}
		}()
		return true
	}
	return false
}

// waitsForFirst reports whether the run's first stage is in the plan and not over.
func (c *schedule) waitsForFirst(run *plan.Run) bool {
	state, planned := c.states[run.First]
	return planned && state != over
}

// leave leaves a run to the process that has it.
func (c *schedule) leave(run *plan.Run, holder store.Holder) {
	c.states[run] = elsewhere
	c.observer.Note(run, fmt.Sprintf("process %d on %s works on it", holder.PID, holder.Host))
}

func (c *schedule) finish(l launched) {
	c.running--
	c.slots = append(c.slots, l.slot)
	var claimed store.ClaimedError
	switch {
	case errors.As(l.err, &claimed):
		c.leave(l.run, claimed.Holder)
	case errors.Is(l.err, store.ErrClaimLost):
		c.states[l.run] = elsewhere
		c.observer.Note(l.run, l.err.Error())
	case l.err != nil:
		c.end(Outcome{Run: l.run, Status: statusOf(store.Failure{Class: store.ClassIO, Err: l.err})})
	default:
		c.end(l.outcome)
	}
}

// lookElsewhere ends the runs that other processes have finished and takes back those that they left.
func (c *schedule) lookElsewhere() {
	for _, run := range c.runs {
		if c.states[run] != elsewhere {
			continue
		}
		if _, free, err := c.Watch.Look(run.Dir); err == nil && !free {
			continue
		}
		there, err := previous(run)
		switch {
		case err != nil:
			c.end(Outcome{Run: run, Status: statusOf(err), Unreadable: true})
		case there.Status.State == store.Done, there.Status.State == store.Failed, there.Status.State == store.Timeout:
			c.end(Outcome{Run: run, Status: there.Status, Skipped: true})
		default:
			c.states[run] = waiting
		}
	}
}

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
