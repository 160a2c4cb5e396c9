package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dirbench/dirbench/runner/store"
)

// stepInterval bounds how often a worker reports its steps.
const stepInterval = 100 * time.Millisecond

// Work executes one run as a worker process of [Processes]: it reads an order from in and reports to out. When in ends, the
// launcher is gone: the run saves a checkpoint and stops, or, if it has been told to stop before, the process exits at
// once. A wrap that is not nil may put another observer in front of the one that reports.
func Work(ctx context.Context, in io.Reader, out io.Writer, wrap func(*Run, Observer) Observer) error {
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
	w := &workerOutput{json: json.NewEncoder(out)}
	if o.Probe {
		return w.json.Encode(probe(o.Backend))
	}
	return w.json.Encode(w.work(ctx, o, wrap))
}

// workerOutput is the observer that reports to the launcher. A launcher that is gone is noticed elsewhere.
type workerOutput struct {
	json    *json.Encoder
	stepped time.Time
}

func (w *workerOutput) work(ctx context.Context, o order, wrap func(*Run, Observer) Observer) message {
	failed := func(err error) message { return message{End: &ending{Status: statusOf(err)}} }
	run, err := o.Run.run()
	if err != nil {
		return failed(err)
	}
	backend, err := OpenBackend(o.Backend)
	if err != nil {
		return failed(err)
	}
	defer backend.Finalize()
	var observer Observer = w
	if wrap != nil {
		observer = wrap(run, w)
	}
	executor := Executor{Backend: backend, CheckpointEvery: o.CheckpointEvery, Timeout: o.Timeout}
	outcome, err := executor.Launch(ctx, run, 0, o.Dead, observer)
	var claimed store.ClaimedError
	switch {
	case errors.As(err, &claimed):
		return message{Claimed: &claimed.Holder}
	case errors.Is(err, store.ErrClaimLost):
		return message{Claimed: &store.Holder{Host: "another host"}}
	case err != nil:
		return failed(storeError{err})
	}
	return message{End: &ending{outcome.Status, outcome.Skipped, outcome.Unreadable}}
}

// probe opens the backend.
func probe(name string) message {
	backend, opened, err := openBackend(name)
	if err != nil {
		return message{Error: firstLine(err)}
	}
	defer backend.Finalize()
	return message{Opened: &Opened{opened, backend.String(), backend.Description()}}
}

func (w *workerOutput) Begin(*Run, int, int)         {}
func (w *workerOutput) End(*Run, store.Status, bool) {}
func (w *workerOutput) Epoch(_ *Run, e store.Event)  { _ = w.json.Encode(message{Event: &e}) }
func (w *workerOutput) Note(_ *Run, text string)     { _ = w.json.Encode(message{Note: text}) }
func (w *workerOutput) Step(_ *Run, epoch, epochs, step, steps int) {
	if step < steps && time.Since(w.stepped) < stepInterval {
		return
	}
	w.stepped = time.Now()
	_ = w.json.Encode(message{Step: &[4]int{epoch, epochs, step, steps}})
}
