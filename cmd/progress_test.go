package cmd

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/store"
)

// TestRunLinesOfResumedRun: a run whose first news is a validation, before any step, has no time left to tell. Of
// epochs that follow within a second one has a line.
func TestRunLinesOfResumedRun(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	plan, err := loadPlan(o, &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	progress := newRunProgress(&out, plan)
	run := plan[0]
	progress.Begin(run, 1, 2)
	progress.Note(run, "goes on in epoch 1 after step 4")
	progress.Epoch(run, store.Event{Epoch: 1, Loss: 2, Val: 3, Best: true})
	progress.Step(run, 2, 3, 1, 4)
	progress.Epoch(run, store.Event{Epoch: 2, Loss: 2, Val: 3})
	progress.(*runLines).shown[run] = time.Now().Add(-time.Second)
	progress.Epoch(run, store.Event{Epoch: 3, Loss: 1, Val: 3})
	progress.End(run, store.Status{State: store.Timeout, Message: "took longer"}, false)
	want := regexp.MustCompile(`^\[1/2\] sts-b-dir/vanilla/seed=0: goes on in epoch 1 after step 4
\[1/2\] sts-b-dir/vanilla/seed=0: epoch 1/3 loss 2 val 3 \(best\)
\[1/2\] sts-b-dir/vanilla/seed=0: trains 3 epochs of 4 steps
\[1/2\] sts-b-dir/vanilla/seed=0: epoch 3/3 loss 1 val 3, 0s left
\[1/2\] sts-b-dir/vanilla/seed=0: timeout: took longer
$`)
	if !want.MatchString(out.String()) {
		t.Errorf("got\n%s", out.String())
	}
}

func TestConclude(t *testing.T) {
	tests := []struct {
		status  store.Status
		skipped bool
		want    string
	}{
		{store.Status{State: store.Done, Seconds: 1.25}, false, "done in 1.3s"},
		{store.Status{State: store.Done}, true, "done before"},
		{store.Status{State: store.Failed, Class: "oom", Message: "m"}, false, "failed (oom): m"},
		{store.Status{State: store.Failed, Class: "nan", Message: "m"}, true, "failed before (nan): m"},
		{store.Status{State: store.Interrupted, Message: "stopped"}, false, "interrupted: stopped"},
	}
	for _, tt := range tests {
		if got := conclude(tt.status, tt.skipped); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.status, got, tt.want)
		}
	}
}
