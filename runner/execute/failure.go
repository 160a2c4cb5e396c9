package execute

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

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
