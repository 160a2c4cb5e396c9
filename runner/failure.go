package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/dirbench/dirbench/runner/store"
)

// The classes of failure, as status.json holds them.
const (
	failNaN        = "nan"         // training diverged
	failData       = "data"        // the dataset cannot be read
	failIO         = "io"          // the run's folder is damaged, another's, or cannot be written
	failOOM        = "oom"         // memory ran out, the device's or the machine's
	failPanic      = "panic"       // a mistake in building or executing a graph
	failFirstStage = "first-stage" // the run that this one starts from did not finish
	failOther      = "error"
)

type dataError struct{ error }

func (e dataError) Unwrap() error { return e.error }

type firstStageError struct{ error }

func (e firstStageError) Unwrap() error { return e.error }

// storeError is a run folder that cannot be used as it stands.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

// unsavedError is a run that was told to stop and could not save its checkpoint.
type unsavedError struct {
	error
	unsaved error
}

func (e unsavedError) Unwrap() error { return e.error }

// panicError is what the recover boundary caught.
type panicError struct{ value any }

func (e panicError) Error() string { return fmt.Sprint(e.value) }

// statusOf classifies how a run ended.
func statusOf(err error) store.Status {
	status := store.Status{State: store.Done, Updated: time.Now().UTC()}
	if err == nil {
		return status
	}
	status.State, status.Class, status.Message = store.Failed, classOf(err), firstLine(err)
	switch {
	case errors.Is(err, context.Canceled):
		status.State, status.Class, status.Message = store.Interrupted, "", "stopped"
	case errors.Is(err, context.DeadlineExceeded):
		status.State, status.Class, status.Message = store.Timeout, "", "took longer than --timeout allows"
	}
	var lost unsavedError
	if errors.As(err, &lost) {
		status.Message += "; its checkpoint could not be saved: " + firstLine(lost.unsaved)
	}
	return status
}

// stopped reports whether a run was told to stop, in contrast to one that failed.
func stopped(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func classOf(err error) string {
	var (
		data   dataError
		first  firstStageError
		panic  panicError
		folder storeError
		path   *fs.PathError
	)
	switch {
	case errors.Is(err, errDiverged):
		return failNaN
	case outOfMemory(err.Error()):
		return failOOM
	case errors.As(err, &data):
		return failData
	case errors.As(err, &first):
		return failFirstStage
	case errors.As(err, &panic):
		return failPanic
	case errors.As(err, &folder), errors.As(err, &path):
		return failIO
	}
	return failOther
}

// outOfMemory recognises the words in which the system, Go, XLA and CUDA say that memory ran out.
func outOfMemory(text string) bool {
	return slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "RESOURCE_EXHAUSTED", "OUT_OF_MEMORY"},
		func(words string) bool { return strings.Contains(text, words) })
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
