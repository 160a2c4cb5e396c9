package execute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// stepInterval bounds how often a worker reports its steps.
const stepInterval = 100 * time.Millisecond

// Work executes one run as a worker process of [Processes]: it reads an order from in and reports to out. When in ends,
// the launcher is gone: the run saves a checkpoint and stops, or, if it has been told to stop before, the process exits
// at once. A wrap that is not nil may put another listener in front of the one that reports.
func Work(ctx context.Context, in io.Reader, out io.Writer, wrap func(*plan.Run, train.Listener) train.Listener) error {
	// The launcher decides how often it asks a run to stop, and a launcher that is gone must not end the run by a
	// broken pipe.
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("worker: expected an order of `dirbench run` on standard input: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		if ctx.Err() != nil {
			os.Exit(1)
		}
		cancel()
	}()
	w := &workerOutput{out: out}
	if o.Probe {
		return w.send(probe(o.Backend))
	}
	return w.work(ctx, o, wrap)
}

// workerOutput is the listener that reports to the launcher. A launcher that is gone is noticed elsewhere.
type workerOutput struct {
	out     io.Writer
	stepped time.Time
}

// send begins with a line end of its own, since a library may have left a line unfinished.
func (w *workerOutput) send(m message) error {
	raw, err := json.Marshal(m)
	if err == nil {
		_, err = fmt.Fprintf(w.out, "\n%s\n", raw)
	}
	return err
}

// work executes the order. The end is reported before the backend is closed, which may crash.
func (w *workerOutput) work(ctx context.Context, o order, wrap func(*plan.Run, train.Listener) train.Listener) error {
	failed := func(err error) error { return w.send(message{End: &ending{Status: statusOf(err)}}) }
	run := o.Run
	if err := run.Open(); err != nil {
		return failed(err)
	}
	// To open a backend may take a device's memory, which whoever has the run needs.
	if claim, free, err := new(store.ClaimWatch).Look(run.Dir); err == nil && !free && claim != o.Dead {
		return w.send(message{Claimed: &claim.Holder})
	}
	opened, _, err := backend.Open(o.Backend)
	if err != nil {
		return failed(err)
	}
	defer opened.Finalize()
	var observer train.Listener = w
	if wrap != nil {
		observer = wrap(run, w)
	}
	executor := Executor{Backend: opened, CheckpointEvery: o.CheckpointEvery, Timeout: o.Timeout, Argv: o.Argv}
	outcome, err := executor.Launch(ctx, run, 0, o.Dead, observer)
	var claimed store.ClaimedError
	switch {
	case errors.As(err, &claimed):
		return w.send(message{Claimed: &claimed.Holder})
	case errors.Is(err, store.ErrClaimLost):
		return w.send(message{Lost: true})
	case err != nil:
		return failed(store.Failure{Class: store.ClassIO, Err: err})
	}
	return w.send(message{End: &ending{outcome.Status, outcome.Skipped, outcome.Unreadable}})
}

// probe opens the backend.
func probe(name string) message {
	opened, name, err := backend.Open(name)
	if err != nil {
		return message{Error: store.FirstLine(err)}
	}
	defer opened.Finalize()
	return message{Opened: &backend.Opened{Name: name, Backend: opened.String(), Description: opened.Description()}}
}

func (w *workerOutput) Epoch(_ *plan.Run, e store.Event) { _ = w.send(message{Event: &e}) }
func (w *workerOutput) Note(_ *plan.Run, text string)    { _ = w.send(message{Note: text}) }
func (w *workerOutput) Step(_ *plan.Run, epoch, epochs, step, steps int) {
	if step < steps && time.Since(w.stepped) < stepInterval {
		return
	}
	w.stepped = time.Now()
	_ = w.send(message{Step: &[4]int{epoch, epochs, step, steps}})
}

// order is what a worker process is told to do, as a line of JSON on its standard input.
type order struct {
	Probe           bool          `json:"probe,omitempty"` // only to open the backend and say which it is
	Run             *plan.Run     `json:"run"`
	Backend         string        `json:"backend"`
	CheckpointEvery time.Duration `json:"checkpoint_every"`
	Timeout         time.Duration `json:"timeout"`
	Dead            store.Seen    `json:"dead"`
	Argv            []string      `json:"argv"` // of the launcher
}

// message is a line of JSON on the standard output of a worker; one field is set.
type message struct {
	Step    *[4]int         `json:"step,omitempty"` // epoch, epochs, step, steps
	Event   *store.Event    `json:"event,omitempty"`
	Note    string          `json:"note,omitempty"`
	Claimed *store.Holder   `json:"claimed,omitempty"` // another process has the run
	Lost    bool            `json:"lost,omitempty"`    // another process took the run over
	End     *ending         `json:"end,omitempty"`
	Opened  *backend.Opened `json:"opened,omitempty"`
	Error   string          `json:"error,omitempty"` // of a probe
}

// ending is an outcome without its run.
type ending struct {
	Status     store.Status `json:"status"`
	Skipped    bool         `json:"skipped"`
	Unreadable bool         `json:"unreadable"`
}
