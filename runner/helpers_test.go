package runner

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"go.uber.org/goleak"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/store"
)

// dataRoot holds the twins, which all tests share and none changes.
var dataRoot string

func TestMain(m *testing.M) {
	os.Setenv("GOMLX_NO_AUTO_INSTALL", "1")
	if os.Getenv(workerEnv) != "" {
		os.Exit(workerMain())
	}
	root, err := os.MkdirTemp("", "runner-test-*")
	if err != nil {
		panic(err)
	}
	dataRoot = root
	code := m.Run()
	if leak := goleak.Find(); leak != nil && code == 0 {
		fmt.Fprintln(os.Stderr, leak)
		code = 1
	}
	os.RemoveAll(root)
	os.Exit(code)
}

// The benchmarks of the tests, as small as they get; %s is for more fields of the recipe.
const (
	agedbEntry = `
  - benchmark: agedb-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, lr_drops: [], image: {size: 8, crop_pad: 1, width: 2}%s}
`
	stsbEntry = `
  - benchmark: sts-b-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 1, batch_size: 64, text: {max_tokens: 8, embedding: 4, hidden: 4, layers: 1}%s}
`
	depthEntry = `
  - benchmark: nyud2-dir
    scale: tiny
    twin: {seed: 1, size: 200}
    recipe: {epochs: 2, retrain_epochs: 2, lr_drops: [1], batch_size: 64, depth: {width: 4, frame: [32, 24]}%s}
`
)

// suiteText returns a suite with one benchmark. Fields begin with a comma: ", lr: 1".
func suiteText(entry, methods, fields string) string {
	return fmt.Sprintf("name: test\nseeds: [0]\nmethods: [%s]\nbenchmarks:"+entry, methods, fields)
}

func parseSuite(t testing.TB, text string) *Suite {
	t.Helper()
	suite, err := ParseSuite("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// planOf plans a suite into the run store out.
func planOf(t testing.TB, out, text string, only ...string) []*Run {
	t.Helper()
	plan, err := Plan([]*Suite{parseSuite(t, text)}, PlanOptions{Data: dataRoot, Out: out, Only: only})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// byMethod finds the one run of a method.
func byMethod(t testing.TB, plan []*Run, method string) *Run {
	t.Helper()
	var found *Run
	for _, run := range plan {
		if run.Config.Method == method {
			if found != nil {
				t.Fatalf("two runs of %s", method)
			}
			found = run
		}
	}
	if found == nil {
		t.Fatalf("no run of %s", method)
	}
	return found
}

func openGo(t testing.TB) compute.Backend {
	t.Helper()
	backend, _, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// taskOf loads the dataset of a run.
func taskOf(t testing.TB, run *Run) benchmarks.Task {
	t.Helper()
	task, err := loadTask(t.Context(), run, unobserved{})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// watcher is an Observer that notes what it is told; onStep and onEpoch may be nil.
type watcher struct {
	skipped []bool
	notes   []string
	steps   int
	onStep  func(steps int)
	onEpoch func(store.Event)
}

func (w *watcher) Begin(*Run, int, int)                     {}
func (w *watcher) Note(_ *Run, text string)                 { w.notes = append(w.notes, text) }
func (w *watcher) End(_ *Run, _ store.Status, skipped bool) { w.skipped = append(w.skipped, skipped) }
func (w *watcher) Step(*Run, int, int, int, int) {
	if w.steps++; w.onStep != nil {
		w.onStep(w.steps)
	}
}
func (w *watcher) Epoch(_ *Run, e store.Event) {
	if w.onEpoch != nil {
		w.onEpoch(e)
	}
}

// inProcess returns a scheduler that executes runs in this process, with no checkpoints unless they are interrupted.
func inProcess(t testing.TB, observer Observer) *Scheduler {
	return &Scheduler{Launcher: &Executor{Backend: openGo(t), CheckpointEvery: time.Hour}, Observer: observer, Poll: 10 * time.Millisecond}
}

// execute executes a plan and expects the states, in the order of the plan.
func execute(t *testing.T, plan []*Run, states ...string) []Outcome {
	t.Helper()
	outcomes, err := inProcess(t, &watcher{}).Execute(t.Context(), plan)
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

func readRunFile(t *testing.T, run *Run, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(run.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
