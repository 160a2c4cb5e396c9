package execute

import (
	"fmt"
	"time"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// order is what a worker process is told to do, as a line of JSON on its standard input.
type order struct {
	Probe           bool          `json:"probe,omitempty"` // only to open the backend and say which it is
	Run             job           `json:"run"`
	Backend         string        `json:"backend"`
	CheckpointEvery time.Duration `json:"checkpoint_every"`
	Timeout         time.Duration `json:"timeout"`
	Dead            store.Seen    `json:"dead"`
}

// job is a planned run in a form that another process can read.
type job struct {
	Suite    string           `json:"suite"`
	Config   plan.Config      `json:"config"`
	Hash     string           `json:"hash"`
	Dir      string           `json:"dir"`
	Dataset  string           `json:"dataset"` // its folder
	Load     task.LoadOptions `json:"load"`
	Imported string           `json:"imported,omitempty"`
	First    *job             `json:"first,omitempty"`
	Argv     []string         `json:"argv"` // of the launcher
}

// message is a line of JSON on the standard output of a worker; one field is set.
type message struct {
	Step    *[4]int         `json:"step,omitempty"` // epoch, epochs, step, steps
	Event   *store.Event    `json:"event,omitempty"`
	Note    string          `json:"note,omitempty"`
	Claimed *store.Holder   `json:"claimed,omitempty"` // another process has the run
	Lost    bool            `json:"lost,omitempty"`    // another process took the run over
	End     *ending         `json:"end,omitempty"`
	Opened  *backend.Opened `json:"opened,omitempty"`
	Error   string          `json:"error,omitempty"` // of a probe
}

// ending is an outcome without its run.
type ending struct {
	Status     store.Status `json:"status"`
	Skipped    bool         `json:"skipped"`
	Unreadable bool         `json:"unreadable"`
}

func jobOf(run *plan.Run) job {
	j := job{Suite: run.Suite, Config: run.Config, Hash: run.Hash, Dir: run.Dir, Dataset: run.Dataset.Dir, Load: run.Load,
		Imported: run.Imported, Argv: run.Command()}
	if run.First != nil {
		first := jobOf(run.First)
		j.First = &first
	}
	return j
}

// run returns the planned run. The error says what has changed since it was planned.
func (j job) run() (*plan.Run, error) {
	run := &plan.Run{Config: j.Config, Hash: j.Config.Hash(), Dir: j.Dir, Suite: j.Suite, Load: j.Load, Imported: j.Imported, Argv: j.Argv}
	if run.Hash != j.Hash {
		return nil, fmt.Errorf("%s: hash %.8s where %.8s was planned: the program was replaced meanwhile; start the suite again",
			run.Name(), run.Hash, j.Hash)
	}
	var err error
	if run.Benchmark, err = benchmarks.Lookup(j.Config.Benchmark); err != nil {
		return nil, err
	}
	if run.Method, err = methods.Parse(j.Config.Method); err != nil {
		return nil, err
	}
	if run.Dataset, err = datasets.Open(j.Dataset); err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	if j.First != nil {
		run.First, err = j.First.run()
	}
	return run, err
}
