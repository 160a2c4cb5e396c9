package execute

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// stepInterval bounds how often a worker reports its steps.
const stepInterval = 100 * time.Millisecond

// Work executes runs one after another as a worker process of [Processes]: it reads orders from in and reports to out.
// When in ends between two runs, no more are wanted. When it ends in the middle of one, the launcher is gone: the run
// saves a checkpoint and stops, or, if it has been told to stop before, the process exits at once. A wrap that is not
// nil may put another listener in front of the one that reports.
func Work(ctx context.Context, in io.Reader, out io.Writer, wrap func(*plan.Run, train.Listener) train.Listener) error {
	// The launcher decides how often it asks a run to stop, and a launcher that is gone must not end the run by a
	// broken pipe.
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orders := make(chan order)
	var unread error // why there is no further order
	go func() {
		unread = readOrders(in, orders)
		if ctx.Err() != nil {
			os.Exit(1)
		}
		cancel()
		close(orders)
	}()
	defer runtime.KeepAlive(ballast())
	w := &worker{out: out, wrap: wrap}
	defer w.close()
	for o := range orders {
		if err := w.obey(ctx, o); err != nil || ctx.Err() != nil {
			return err
		}
	}
	if w.backend == nil {
		return fmt.Errorf("worker: expected an order of `dirbench run` on standard input: %w", unread)
	}
	return nil
}

// ballast returns memory that is never touched, and so never resident. With it the heap is collected when it has grown
// by so much, not by the few MiB that a small run holds, which took a tenth of its time. A limit on memory would count
// it.
func ballast() []byte {
	if os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return make([]byte, 32<<20)
}

// readOrders passes orders on until in ends.
func readOrders(in io.Reader, orders chan<- order) error {
	for lines := json.NewDecoder(in); ; {
		var o order
		if err := lines.Decode(&o); err != nil {
			_, _ = io.Copy(io.Discard, in)
			return err
		}
		orders <- o
	}
}

// worker executes orders and is the listener that reports to the launcher. A launcher that is gone is noticed
// elsewhere.
type worker struct {
	out     io.Writer
	wrap    func(*plan.Run, train.Listener) train.Listener
	backend compute.Backend // open since the first run
	stepped time.Time
}

// send begins with a line end of its own, since a library may have left a line unfinished.
func (w *worker) send(m message) error {
	raw, err := json.Marshal(m)
	if err == nil {
		_, err = fmt.Fprintf(w.out, "\n%s\n", raw)
	}
	return err
}

// obey executes an order and reports how it ended. The backend is closed later, which may crash.
func (w *worker) obey(ctx context.Context, o order) error {
	if o.Probe {
		return w.send(probe(o.Backend))
	}
	failed := func(err error) error { return w.send(message{End: &ending{Status: statusOf(err)}}) }
	run := o.Run
	if err := run.Open(); err != nil {
		return failed(err)
	}
	// To open a backend may take a device's memory, which whoever has the run needs.
	if claim, free, err := new(store.ClaimWatch).Look(run.Dir); err == nil && !free && claim != o.Dead {
		return w.send(message{Claimed: &claim.Holder})
	}
	if err := w.open(o.Backend); err != nil {
		return failed(err)
	}
	var observer train.Listener = w
	if w.wrap != nil {
		observer = w.wrap(run, w)
	}
	executor := Executor{Backend: w.backend, CheckpointEvery: o.CheckpointEvery, Timeout: o.Timeout, Argv: o.Argv}
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

func (w *worker) open(name string) (err error) {
	if w.backend == nil {
		w.backend, _, err = backend.Open(name)
	}
	return err
}

func (w *worker) close() {
	if w.backend != nil {
		w.backend.Finalize()
	}
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

func (w *worker) Epoch(_ *plan.Run, e store.Event) { _ = w.send(message{Event: &e}) }
func (w *worker) Note(_ *plan.Run, text string)    { _ = w.send(message{Note: text}) }
func (w *worker) Step(_ *plan.Run, epoch, epochs, step, steps int) {
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
