package store

import (
	"os"
	"path/filepath"
	"strings"
)

// FailureClass is one kind of failure. A new class is one declaration below; whoever finds such a failure returns a
// [Failure] of it.
type FailureClass struct {
	Name    string // as status.json has it
	Meaning string
	Retried Retried
	Next    string // how a person goes on
}

// Retried says what the next call of dirbench run does with a failed run.
type Retried string

// What hangs on data, memory, disk or a first stage may go better next time.
const (
	RetriedAlways     Retried = "tries again"
	RetriedOtherBuild Retried = "keeps it, unless the program was built anew (SHA-256 of the executable)"
	RetriedOnRequest  Retried = "keeps it, would end so again"
)

// How a run gets another attempt.
const (
	NextRun   = "run the suite again"
	NextRetry = NextRun + " with --retry-failed"
)

// FailureClasses are all classes, in the order of their declarations.
var FailureClasses []*FailureClass

// The classes of failure.
var (
	ClassNaN = declare("nan", "training diverged: a loss or a validation error is no number, or too large",
		RetriedOnRequest, "lower the recipe's lr or set clip_norm; as it is: "+NextRetry)
	ClassData = declare("data", "the dataset, or a file beside it, cannot be read or used", RetriedAlways,
		"mend the file that it names; then "+NextRun)
	ClassIO = declare("io", "the run's folder is damaged, holds another run, or cannot be written", RetriedAlways,
		"free disk space or make the folder writable; then "+NextRun)
	ClassOOM = declare("oom", "memory ran out, the device's or the machine's", RetriedAlways,
		"a smaller batch_size, more memory or fewer --jobs; then "+NextRun)
	ClassPanic = declare("panic", "a mistake of the program, in building or executing a graph", RetriedOtherBuild,
		"update dirbench or try another --backend; "+NextRetry)
	ClassFirstStage = declare("first-stage", "the run that this one starts from did not finish", RetriedAlways,
		"see to its first stage, or delete the folder of one that is done but lost its checkpoint; then "+NextRun)
	ClassOther = declare("error", "anything else", RetriedAlways, NextRun)
)

func declare(name, meaning string, retried Retried, next string) *FailureClass {
	c := &FailureClass{name, meaning, retried, next}
	FailureClasses = append(FailureClasses, c)
	return c
}

// ClassOf returns the class of a status.json's name; that of other failures for a name that it does not know.
func ClassOf(name string) *FailureClass {
	for _, c := range FailureClasses {
		if c.Name == name {
			return c
		}
	}
	return ClassOther
}

// Failure is an error of a class.
type Failure struct {
	Class *FailureClass
	Err   error
}

func (f Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error without its class.
func (f Failure) Unwrap() error { return f.Err }

// FailedForGood reports whether another attempt would end as the last one did: by the failure's class, or because a run
// took too long before it had anything to go on from.
func (r Run) FailedForGood() bool {
	switch r.Status.State {
	case Timeout:
		_, err := os.Stat(filepath.Join(r.Dir, ResumeDir))
		return err != nil
	case Failed:
		switch ClassOf(r.Status.Class).Retried {
		case RetriedOtherBuild:
			return r.Manifest.Program == Program()
		case RetriedOnRequest:
			return true
		}
	}
	return false
}

// FirstLine returns the first line of an error: a panic of a backend brings its stack.
func FirstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
