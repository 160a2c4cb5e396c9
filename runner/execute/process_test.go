package execute

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// workerEnv makes this test program a worker.
const workerEnv = "DIRBENCH_TEST_WORKER"

// killEnv bounds the milliseconds after which a worker kills itself, at a moment of its own choice.
const killEnv = "DIRBENCH_TEST_KILL"

// slowEnv makes a worker's steps long.
const slowEnv = "DIRBENCH_TEST_SLOW"

// startsEnv names a file in which each worker process leaves a line.
const startsEnv = "DIRBENCH_TEST_STARTS"

func noteStart(file string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
		_ = f.Close()
	}
	if err != nil {
		panic(err)
	}
}

// dieEnv makes a worker die instead of saying that its run is over.
const dieEnv = "DIRBENCH_TEST_DIE"

type diesAtEnd struct{ io.Writer }

func (d diesAtEnd) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(`"end"`)) {
		fmt.Fprintln(os.Stderr, "SIGSEGV: segmentation violation")
		os.Exit(2)
	}
	return d.Writer.Write(line)
}

// slowSteps takes its time before it reports a step.
type slowSteps struct{ train.Listener }

func (o slowSteps) Step(run *plan.Run, epoch, epochs, step, steps int) {
	time.Sleep(stepInterval + 20*time.Millisecond)
	o.Listener.Step(run, epoch, epochs, step, steps)
}

// workerMain is main of a worker process of the tests.
func workerMain() int {
	wrap := func(_ *plan.Run, o train.Listener) train.Listener { return o }
	if os.Getenv(slowEnv) != "" {
		wrap = func(_ *plan.Run, o train.Listener) train.Listener { return slowSteps{o} }
	}
	if bound := os.Getenv(killEnv); bound != "" {
		var most int64
		_, _ = fmt.Sscan(bound, &most)
		wrap = func(run *plan.Run, o train.Listener) train.Listener {
			go killSoon(rand.Int64N(most))
			return o
		}
	}
	if file := os.Getenv(startsEnv); file != "" {
		noteStart(file)
	}
	out := io.Writer(os.Stdout)
	if os.Getenv(dieEnv) != "" {
		out = diesAtEnd{out}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := Work(ctx, os.Stdin, out, wrap); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// killSoon dies as SIGKILL lets a process die.
func killSoon(milliseconds int64) {
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
}

// inWorkers returns a scheduler that executes runs in worker processes, with a checkpoint after every batch.
func inWorkers(t testing.TB, jobs int, observer Observer) *Scheduler {
	t.Helper()
	t.Setenv(workerEnv, "1")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Scheduler{Launcher: &Processes{Command: []string{program}, Backend: "go", Grace: time.Second, Threads: 1},
		Observer: observer, Jobs: jobs, Poll: 20 * time.Millisecond}
}

// killText is a run with everything, long enough to be hit anywhere: in training, statistics, validation, a checkpoint.
var killText = testsuite.Text(strings.Replace(testsuite.STSB, "epochs: 2", "epochs: 12", 1), "lds+fds", "")

// TestKilledAnywhere kills a run with SIGKILL at 20 random moments, resumes it each time, and compares its results with
// those of a run that was left alone.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a run twenty times")
	}
	alone := execute(t, testruns.Plan(t, t.TempDir(), killText), "done")[0].Run
	run := testruns.Plan(t, t.TempDir(), killText)[0]
	kills, torn, notes := 0, 0, &watcher{}
	for start := 0; kills < 20; start++ {
		if start > 200 {
			t.Fatalf("%d kills in %d starts", kills, start)
		}
		within := 400
		if len(notes.notes) == 0 { // a busy machine has not written a checkpoint in that time yet
			within *= 1 + kills
		}
		t.Setenv(killEnv, strconv.Itoa(within))
		outcomes, err := inWorkers(t, 1, notes).Execute(t.Context(), []*plan.Run{run})
		if err != nil {
			t.Fatal(err)
		}
		switch status := outcomes[0].Status; status.State {
		case store.Failed:
			if status.Class != store.ClassOOM.Name || !strings.Contains(status.Message, "SIGKILL") {
				t.Fatalf("status %+v", status)
			}
			kills++
			if _, err := os.Stat(filepath.Join(run.Dir, store.ResumeDir, "next")); err == nil {
				torn++
			}
		case store.Done: // it was faster: take it apart again
			sameResults(t, alone, run)
			if err := os.RemoveAll(run.Dir); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("status %+v", status)
		}
	}
	t.Setenv(killEnv, "")
	if _, err := inWorkers(t, 1, notes).Execute(t.Context(), []*plan.Run{run}); err != nil {
		t.Fatal(err)
	}
	sameResults(t, alone, run)
	if torn == 0 || len(notes.notes) == 0 {
		t.Error("no kill hit a checkpoint while it was written, or none went on from one")
	}
	t.Logf("%d of %d kills hit a checkpoint while it was written; %s", torn, kills, strings.Join(notes.notes, "; "))
}

// TestArgv: a manifest names the command that ordered the run, not that of the worker.
func TestArgv(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
	if _, err := inWorkers(t, 1, &watcher{}).Execute(t.Context(), []*plan.Run{run}); err != nil {
		t.Fatal(err)
	}
	if there, err := store.Load(run.Dir); err != nil || !slices.Equal(there.Manifest.Argv, os.Args) {
		t.Errorf("argv %q (%v), want %q", there.Manifest.Argv, err, os.Args)
	}
}

// TestKilledSuite does so with a suite of eight runs and three worker processes.
func TestKilledSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("trains many runs")
	}
	text := strings.Replace(testsuite.Text(strings.Replace(testsuite.STSB, "epochs: 2", "epochs: 4", 1),
		"vanilla, fds, rrt, lds+fds", ""), "[0]", "[0, 1]", 1)
	alone, runs := testruns.Plan(t, t.TempDir(), text), testruns.Plan(t, t.TempDir(), text)
	if len(runs) != 8 {
		t.Fatalf("%d runs", len(runs))
	}
	undisturbed, err := inWorkers(t, 2, &watcher{}).Execute(t.Context(), alone)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range undisturbed {
		if o.Status.State != store.Done {
			t.Fatalf("%s, left alone: %+v", o.Run.Name(), o.Status)
		}
	}
	deaths := 0
	for round := 0; ; round++ {
		t.Setenv(killEnv, "500")
		if round > 8 {
			t.Setenv(killEnv, "")
		}
		outcomes, err := inWorkers(t, 3, &watcher{}).Execute(t.Context(), runs)
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, o := range outcomes {
			if o.Status.Class == store.ClassOOM.Name {
				deaths++
			}
			if o.Status.Class == store.ClassPanic.Name { // it would not be tried again
				t.Fatalf("%s: %+v", o.Run.Name(), o.Status)
			}
			if o.Status.State != store.Done {
				left++
			}
		}
		if left == 0 {
			break
		}
	}
	if deaths == 0 {
		t.Error("no worker died")
	}
	t.Logf("%d workers died", deaths)
	for i := range runs {
		sameResults(t, alone[i], runs[i])
	}
}

// TestLauncherKilled kills the launcher of a worker: the worker notices, stops, and its run goes on at once.
func TestLauncherKilled(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), killText)[0]
	launcher := exec.Command(os.Args[0], "-test.run=^TestHelperLauncher$")
	launcher.Env = append(os.Environ(), "DIRBENCH_TEST_LAUNCHER="+run.Dir+"\n"+testsuite.Data)
	if err := launcher.Start(); err != nil {
		t.Fatal(err)
	}
	// Its last checkpoint is the one that it saves when it notices.
	waitFor(t, func() bool { there, err := store.Load(run.Dir); return err == nil && len(there.Events) > 1 })
	if err := launcher.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = launcher.Wait()
	seen := &watcher{}
	outcomes, err := inProcess(t, seen).Execute(t.Context(), []*plan.Run{run})
	if err != nil || outcomes[0].Status.State != store.Done {
		t.Fatalf("outcomes %+v, error %v", outcomes, err)
	}
	if notes := strings.Join(seen.notes, "\n"); !strings.Contains(notes, "goes on in epoch ") {
		t.Errorf("notes %q", notes)
	}
	sameResults(t, execute(t, testruns.Plan(t, t.TempDir(), killText), "done")[0].Run, run)
}

// TestHelperLauncher is the launcher of TestLauncherKilled.
func TestHelperLauncher(t *testing.T) {
	dir, data, set := strings.Cut(os.Getenv("DIRBENCH_TEST_LAUNCHER"), "\n")
	if !set {
		t.Skip("started by TestLauncherKilled")
	}
	runs, err := plan.New([]*plan.Suite{testruns.Parse(t, killText)}, plan.Options{Data: data, Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	runs[0].Dir = dir
	t.Setenv(slowEnv, "1")
	scheduler := inWorkers(t, 1, &watcher{})
	scheduler.Launcher.(*Processes).CheckpointEvery = time.Hour
	if _, err := scheduler.Execute(t.Context(), runs); err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, reached func() bool) {
	t.Helper()
	for range 3000 {
		if reached() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("waited in vain")
}
