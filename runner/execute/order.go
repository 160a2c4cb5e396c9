package execute

import (
	"time"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

// order is what a worker process is told to do, as a line of JSON on its standard input.
type order struct {
	Probe           bool          `json:"probe,omitempty"` // only to open the backend and say which it is
	Run             *plan.Run     `json:"run"`
	Backend         string        `json:"backend"`
	CheckpointEvery time.Duration `json:"checkpoint_every"`
	Timeout         time.Duration `json:"timeout"`
	Dead            store.Seen    `json:"dead"`
	Argv            []string      `json:"argv"` // of the launcher
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
