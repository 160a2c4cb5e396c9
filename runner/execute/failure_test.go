package execute

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

func TestStatusOf(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{nil, "done  "},
		{store.Failure{Class: store.ClassNaN, Err: errors.New("training diverged: loss NaN")},
			"failed nan training diverged: loss NaN"},
		{store.Failure{Class: store.ClassData, Err: errors.New("bad row")}, "failed data bad row"},
		{store.Failure{Class: store.ClassData, Err: &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}},
			"failed data open x: file does not exist"},
		{&fs.PathError{Op: "write", Path: "x", Err: fs.ErrPermission}, "failed io write x: permission denied"},
		{store.Failure{Class: store.ClassPanic, Err: errors.New("shapes differ\ngoroutine 1")}, "failed panic shapes differ"},
		{store.Failure{Class: store.ClassFirstStage, Err: errors.New("failed")}, "failed first-stage failed"},
		{train.Recovered(func() error { panic(task.InputError{Err: errors.New("lost row")}) }), "failed data lost row"},
		{train.Recovered(func() error { panic("no such axis") }), "failed panic no such axis"},
		{errors.New("else"), "failed error else"},
		{fmt.Errorf("training: %w", context.Canceled), "interrupted  stopped"},
	}
	for _, tt := range tests {
		status := statusOf(tt.err)
		if got := fmt.Sprintf("%s %s %s", status.State, status.Class, status.Message); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

// TestDivergedRunLeavesOthersGoing diverges on one benchmark; the other one follows and is done.
func TestDivergedRunLeavesOthersGoing(t *testing.T) {
	entries := fmt.Sprintf(testsuite.STSB, ", lr: 1.0e+9") + strings.TrimPrefix(testsuite.Agedb, "\n")
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(entries, "vanilla, rrt", ""))
	outcomes := execute(t, runs, "failed nan", "failed first-stage", "done", "done")
	if message := outcomes[0].Status.Message; !strings.HasPrefix(message, "training diverged: loss ") {
		t.Errorf("message %q", message)
	}
	if message := outcomes[1].Status.Message; !strings.Contains(message,
		"sts-b-dir/vanilla/seed=0: the first stage did not finish: failed nan") {
		t.Errorf("message %q", message)
	}
}

// TestDivergedPredictions diverges after the last loss that is read: one step, whose update is too large.
func TestDivergedPredictions(t *testing.T) {
	entry := strings.NewReplacer("batch_size: 64", "batch_size: 256", "epochs: 2", "epochs: 1").Replace(testsuite.Agedb)
	outcome := execute(t, testruns.Plan(t, t.TempDir(), testsuite.Text(entry, "vanilla", ", lr: 1.0e+38")),
		"failed nan")[0]
	if message := outcome.Status.Message; !strings.Contains(message, "training diverged: validation error ") {
		t.Errorf("message %q", message)
	}
}

// TestUnreadableData cuts a file of the dataset short between planning and training.
func TestUnreadableData(t *testing.T) {
	root := t.TempDir()
	text := testsuite.Text(testsuite.STSB, "vanilla, lds", "")
	runs := testruns.PlanWith(t, text, plan.Options{Data: root, Out: t.TempDir()})
	if err := os.Truncate(filepath.Join(root, "sts-b-twin", "train.parquet"), 100); err != nil {
		t.Fatal(err)
	}
	for _, o := range execute(t, runs, "failed data", "failed data") {
		if !strings.Contains(o.Status.Message, "train.parquet") {
			t.Errorf("message %q does not name the file", o.Status.Message)
		}
	}
}

// TestFirstStageMustBeDone: a checkpoint that an unfinished first stage left is not used.
func TestFirstStageMustBeDone(t *testing.T) {
	runs := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla, rrt", ""))
	execute(t, runs[:1], "done")
	if err := store.WriteJSON(filepath.Join(runs[0].Dir, store.StatusFile),
		store.Status{State: store.Interrupted}); err != nil {
		t.Fatal(err)
	}
	execute(t, runs[1:], "failed first-stage")
}
