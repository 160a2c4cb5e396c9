package train

import (
	"os"
	"testing"
	"time"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

func TestMain(m *testing.M) { os.Exit(testsuite.Main(m)) }

// taskOf loads the dataset of a run.
func taskOf(t testing.TB, run *plan.Run) task.Task {
	t.Helper()
	loaded, err := LoadTask(t.Context(), run, Silent{})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// trainAll trains runs to their ends, one after the other.
func trainAll(t *testing.T, runs []*plan.Run) {
	t.Helper()
	backend := testruns.OpenGo(t)
	for _, run := range runs {
		record, err := NewRecord(run, Attempt{Number: 1, Backend: backend.String(), Argv: os.Args}, Silent{})
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := Train(t.Context(), backend, record, time.Hour)
		if err == nil {
			err = record.Finish(store.Status{State: store.Done, Seconds: seconds, Updated: time.Now()})
		}
		if err != nil || seconds <= 0 {
			t.Fatalf("%s: %g seconds, %v", run.Name(), seconds, err)
		}
	}
}
