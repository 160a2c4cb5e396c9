package execute

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// outcome says how the run ended. What a worker that died can no longer write is written for it.
func (w *workerProcess) outcome(backend string) (Outcome, error) {
	switch m := w.last; {
	case m == nil:
	case m.Claimed != nil:
		return Outcome{}, store.ClaimedError{Holder: *m.Claimed}
	case m.Lost:
		return Outcome{}, store.ErrClaimLost
	default:
		return Outcome{Run: w.run, Status: m.End.Status, Skipped: m.End.Skipped, Unreadable: m.End.Unreadable}, nil
	}
	status := w.death()
	if err := bury(w.run, &status, backend, w.log.bytes); err != nil {
		var claimed store.ClaimedError
		if errors.As(err, &claimed) {
			return Outcome{}, err
		}
		status.Message += "; this could not be stored: " + store.FirstLine(err)
	}
	return Outcome{Run: w.run, Status: status}, nil
}

// death classifies the end of a process that did not report any.
func (w *workerProcess) death() store.Status {
	status := store.Status{State: store.Failed, Class: store.ClassOther.Name, Updated: time.Now().UTC()}
	if w.killed != nil {
		status.State, status.Class, status.Message = w.killed.State, w.killed.Class, w.killed.Message
		return status
	}
	log := string(w.log.bytes)
	fatal := fatalLine.FindString(log)
	switch system, _ := w.command.ProcessState.Sys().(syscall.WaitStatus); {
	case system.Signaled() && (system.Signal() == syscall.SIGINT || system.Signal() == syscall.SIGTERM):
		// Before it could listen.
		status.State, status.Class, status.Message = store.Interrupted, "", "stopped"
	case outOfMemory(log):
		status.Class, status.Message = store.ClassOOM.Name, "out of memory"
	case system.Signaled() && system.Signal() == syscall.SIGKILL:
		status.Class, status.Message = store.ClassOOM.Name,
			"the system killed the worker (SIGKILL), as it does when memory runs out"
	case fatal != "":
		status.Class, status.Message = store.ClassPanic.Name, fatal
	case system.Signaled():
		status.Class, status.Message = store.ClassPanic.Name, "the worker died of "+system.Signal().String()
	default:
		status.Message = "the worker ended without a result: " +
			strings.TrimSuffix(w.command.ProcessState.String()+": "+LastWords(log), ": ")
	}
	return status
}

// fatalLine is how Go's runtime and C++ libraries begin their last words.
var fatalLine = regexp.MustCompile(`(?m)^(panic: |fatal error: |F\d{4} |terminate called |SIG[A-Z]+: ).*$`)

// LastWords returns the line of a dead program's standard error that says most; empty if there is none.
func LastWords(log string) string {
	if fatal := fatalLine.FindString(log); fatal != "" {
		return fatal
	}
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[len(lines)-1]
}

func hungStatus(timeout, grace time.Duration) store.Status {
	return store.Status{State: store.Timeout,
		Message: fmt.Sprintf("took longer than --timeout %s and did not answer within %s more: killed", timeout, grace)}
}

func memoryStatus(used, limit uint64) store.Status {
	const mib = 1 << 20
	return store.Status{State: store.Failed, Class: store.ClassOOM.Name,
		Message: fmt.Sprintf("used %d MiB, more than --memory-limit %d MiB: killed", used/mib, limit/mib)}
}

// bury writes the status and the last words of a worker that died. If the run was done by then, that is the status.
func bury(run *plan.Run, status *store.Status, backend string, log []byte) (err error) {
	_, claim, err := store.Acquire(context.Background(), run.Dir, store.Seen{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, claim.Release()) }()
	there, err := previous(run)
	if err != nil {
		return err
	}
	if there.Status.State == store.Done {
		*status = there.Status
		return nil
	}
	if there.Manifest.Hash == "" { // it died before it wrote its manifest
		manifest, err := train.NewManifest(run, train.Attempt{Number: 1, Backend: backend, Argv: os.Args})
		if err != nil {
			return err
		}
		if err := store.WriteJSON(filepath.Join(run.Dir, store.ManifestFile), manifest); err != nil {
			return err
		}
	}
	if len(log) > 0 {
		path := filepath.Join(run.Dir, store.CrashFile)
		if err := os.WriteFile(path, log, 0o644); err != nil {
			return err
		}
	}
	return store.WriteStatus(run.Dir, *status)
}

// tail keeps the last bytes written to it.
type tail struct {
	mutex sync.Mutex
	bytes []byte
}

const tailSize = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.bytes = append(t.bytes, p...)
	if extra := len(t.bytes) - tailSize; extra > 0 {
		t.bytes = append(t.bytes[:0], t.bytes[extra:]...)
	}
	return len(p), nil
}

func (t *tail) reset() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.bytes = t.bytes[:0]
}

// statusOf classifies how a run ended.
func statusOf(err error) store.Status {
	status := store.Status{State: store.Done, Updated: time.Now().UTC()}
	if err == nil {
		return status
	}
	status.State, status.Class, status.Message = store.Failed, classOf(err), store.FirstLine(err)
	switch {
	case errors.Is(err, context.Canceled):
		status.State, status.Class, status.Message = store.Interrupted, "", "stopped"
	case errors.Is(err, context.DeadlineExceeded):
		status.State, status.Class, status.Message = store.Timeout, "", "took longer than --timeout allows"
	}
	var lost train.UnsavedError
	if errors.As(err, &lost) {
		status.Message += "; its checkpoint could not be saved: " + store.FirstLine(lost.Unsaved)
	}
	return status
}

func classOf(err error) string {
	var (
		failure store.Failure
		path    *fs.PathError
	)
	switch {
	case outOfMemory(err.Error()):
		return store.ClassOOM.Name
	case errors.As(err, &failure):
		return failure.Class.Name
	case errors.As(err, &path):
		return store.ClassIO.Name
	}
	return store.ClassOther.Name
}

// outOfMemory recognises the words in which the system, Go, XLA and CUDA say that memory ran out.
func outOfMemory(text string) bool {
	return slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "RESOURCE_EXHAUSTED", "OUT_OF_MEMORY"},
		func(words string) bool { return strings.Contains(text, words) })
}
