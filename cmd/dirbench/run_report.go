package main

import (
	"errors"
	"io/fs"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner"
	"github.com/dirbench/dirbench/runner/store"
)

// planReport returns the tables of the wanted runs of a plan and no others, so that runs of an earlier configuration in the
// same store do not mix in. First stages that are there for another run appear only if they are not done.
func planReport(outcomes []runner.Outcome) (reports.Report, error) {
	var wanted, stages []store.Run // the latter are in no table
	var damaged []store.DamagedRun
	for _, o := range outcomes {
		if o.Unreadable {
			damaged = append(damaged, store.DamagedRun{Dir: o.Run.Dir, Err: errors.New(o.Status.Message)})
			continue
		}
		run, err := store.Load(o.Run.Dir)
		if !o.Skipped && (run.Status.State != o.Status.State || run.Status.Class != o.Status.Class) {
			run.Status = o.Status // it could not be written, as on a full disk
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && run.Manifest.Hash == "":
			stages = append(stages, unwritten(o)) // it failed before it could write anything
		case err != nil:
			damaged = append(damaged, store.DamagedRun{Dir: o.Run.Dir, Manifest: run.Manifest, Err: err})
		case o.Run.Wanted:
			wanted = append(wanted, run)
		default:
			stages = append(stages, run)
		}
	}
	report, err := reports.New(wanted, damaged, reports.Options{Baseline: defaultBaseline})
	report.NotDone = append(reports.ListNotDone(stages, nil), report.NotDone...)
	return report, err
}

// unwritten returns what is known of a run without a folder.
func unwritten(o runner.Outcome) store.Run {
	c := o.Run.Config
	return store.Run{Dir: o.Run.Dir, Status: o.Status, Manifest: store.Manifest{
		Hash: o.Run.Hash, Benchmark: c.Benchmark, Method: c.Method, Seed: c.Seed}}
}
