package execute

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

func TestMain(m *testing.M) {
	if os.Getenv(workerEnv) != "" {
		os.Exit(workerMain())
	}
	os.Exit(testsuite.Main(m))
}

// watcher is an Observer that notes what it is told; onStep and onEpoch may be nil.
type watcher struct {
	skipped []bool
	notes   []string
	steps   int
	onStep  func(steps int)
	onEpoch func(store.Event)
}

func (w *watcher) Begin(*plan.Run, int, int)     {}
func (w *watcher) Note(_ *plan.Run, text string) { w.notes = append(w.notes, text) }
func (w *watcher) End(_ *plan.Run, _ store.Status, skipped bool) {
	w.skipped = append(w.skipped, skipped)
}

func (w *watcher) Step(*plan.Run, int, int, int, int) {
	if w.steps++; w.onStep != nil {
		w.onStep(w.steps)
	}
}

func (w *watcher) Epoch(_ *plan.Run, e store.Event) {
	if w.onEpoch != nil {
		w.onEpoch(e)
	}
}

var _ train.Listener = &watcher{}

// inProcess returns a scheduler that executes runs in this process, with no checkpoints unless they are interrupted.
func inProcess(t testing.TB, observer Observer) *Scheduler {
	launcher := &Executor{Backend: testruns.OpenGo(t), CheckpointEvery: time.Hour}
	return &Scheduler{Launcher: launcher, Observer: observer, Poll: 10 * time.Millisecond}
}

// execute executes a plan and expects the states, in the order of the plan.
func execute(t *testing.T, runs []*plan.Run, states ...string) []Outcome {
	t.Helper()
	outcomes, err := inProcess(t, &watcher{}).Execute(t.Context(), runs)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range outcomes {
		got = append(got, strings.TrimSpace(string(o.Status.State)+" "+o.Status.Class))
	}
	if strings.Join(got, ", ") != strings.Join(states, ", ") {
		t.Fatalf("runs ended %q, want %q: %+v", got, states, outcomes)
	}
	return outcomes
}
