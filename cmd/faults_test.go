package cmd

import (
	"os"
	"strings"
	"time"

	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/train"
)

// faultEnv is KIND@RUN: what goes wrong in a worker, and in the worker of which run, after its third step.
const faultEnv = "DIRBENCH_TEST_FAULT"

// faulty is an observer that makes its worker misbehave.
type faulty struct {
	train.Listener
	kind  string
	steps int
}

func testFaults(run *plan.Run, o train.Listener) train.Listener {
	kind, name, set := strings.Cut(os.Getenv(faultEnv), "@")
	if !set || name != run.Name() {
		return o
	}
	return &faulty{Listener: o, kind: kind}
}

func (f *faulty) Step(run *plan.Run, epoch, epochs, step, steps int) {
	f.Listener.Step(run, epoch, epochs, step, steps)
	if f.steps++; f.steps != 3 {
		return
	}
	switch f.kind {
	case "panic":
		panic("shapes differ")
	case "crash": // where nobody recovers
		go panic("in another goroutine")
		time.Sleep(time.Minute)
	case "slow":
		f.Listener.Note(run, "is slow")
		time.Sleep(4 * time.Second) // longer than --timeout in run_faults.txtar
	case "hang":
		f.Listener.Note(run, "hangs")
		select {}
	case "allocate":
		var kept [][]byte
		for range 1 << 10 {
			kept = append(kept, make([]byte, 4<<20))
			for i := 0; i < 4<<20; i += 4096 {
				kept[len(kept)-1][i] = 1
			}
			time.Sleep(time.Millisecond)
		}
		_ = kept
	case "killed":
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		time.Sleep(time.Minute)
	}
}
