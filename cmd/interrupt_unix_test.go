//go:build unix

package cmd

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dirbench/dirbench/runner/store"
)

// startRun starts dirbench run with the options in a process of its own and returns when the text goes by on its
// stderr.
func startRun(t *testing.T, o runOptions, fault, text string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "run", "--suite", o.suite, "--backend", "go", "--jobs", "1", "--data", o.plan.Data,
		"--out", o.plan.Out)
	cmd.Env = append(os.Environ(), mainEnv+"=1", faultEnv+"="+fault)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewReader(stderr)
	for {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, text) {
			go io.Copy(io.Discard, lines)
			return cmd
		}
		if err != nil {
			t.Fatalf("ended without %q: %v", text, err)
		}
	}
}

// TestInterruptTwice: a first interrupt waits for the workers, here in vain; a second one kills them.
func TestInterruptTwice(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	cmd := startRun(t, o, "hang@sts-b-dir/vanilla/seed=0", "vanilla/seed=0: hangs")
	ended := make(chan error, 1)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("ended at the first interrupt: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("the second interrupt: %v, want death by it", err)
	}
	waitUntil(t, "the worker is gone", func() bool {
		runs, err := store.Walk(o.plan.Out)
		return err == nil && len(runs) == 1 && runs[0].Status.State == store.Stale
	})
}

// TestInterruptOnce ends with the documented exit code and goes on from its checkpoint.
func TestInterruptOnce(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		o := suiteOptions(t, interruptedSuite)
		cmd := startRun(t, o, "slow@sts-b-dir/vanilla/seed=0", "vanilla/seed=0: is slow")
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("%s: %v, want exit code %d", signal, err, exitInterrupted)
		}
		runs, err := store.Walk(o.plan.Out)
		if err != nil || len(runs) != 1 || runs[0].Status.State != store.Interrupted {
			t.Errorf("%s: runs %+v, %v, want one that is interrupted", signal, runs, err)
		}
		cmd = startRun(t, o, "", "vanilla/seed=0: goes on in epoch 1 after step ")
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: the same command again: %v", signal, err)
		}
	}
}

func waitUntil(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for range 1000 {
		if reached() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("waited in vain until %s", what)
}

// TestInterruptAll sends SIGTERM to launcher and worker, as systemd and batch systems do, so that the worker hears it
// twice.
func TestInterruptAll(t *testing.T) {
	o := suiteOptions(t, interruptedSuite)
	cmd := startRun(t, o, "slow@sts-b-dir/vanilla/seed=0", "vanilla/seed=0: is slow")
	claims, err := filepath.Glob(filepath.Join(o.plan.Out, "mine", "sts-b-dir", "vanilla", "seed=0", "*", "claim.1"))
	if err != nil || len(claims) != 1 {
		t.Fatalf("claims %v, %v", claims, err)
	}
	raw, err := os.ReadFile(claims[0])
	if err != nil {
		t.Fatal(err)
	}
	var holder store.Holder
	if err := json.Unmarshal(raw, &holder); err != nil {
		t.Fatal(err)
	}
	for _, pid := range []int{holder.PID, cmd.Process.Pid} {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d", err, exitInterrupted)
	}
	cmd = startRun(t, o, "", "vanilla/seed=0: goes on in epoch 1 after step ")
	if err := cmd.Wait(); err != nil {
		t.Errorf("the same command again: %v", err)
	}
}
