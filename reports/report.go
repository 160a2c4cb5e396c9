package reports

import (
	"cmp"
	"slices"

	"github.com/dirbench/dirbench/runner/store"
)

// Report is what a command prints of a store: the tables, and the runs that are behind none of their numbers.
type Report struct {
	Tables  []Table   `json:"tables"`
	Ranks   []Ranking `json:"ranks,omitempty"` // across benchmarks, where there are enough of them
	NotDone []NotDone `json:"not_done"`
	// Published are the results of the literature, one entry for each benchmark of the tables; nil unless asked for.
	Published []Literature `json:"published,omitempty"`
}

// New returns the report of runs and of those that cannot be read. Where there is a table for a damaged run, it counts
// in its method's row as every other run that is not done. Errors are those of [Build].
func New(runs []store.Run, damaged []store.DamagedRun, opts Options) (Report, error) {
	all, tabled := slices.Clone(runs), map[store.RowKey]bool{}
	for _, r := range runs {
		tabled[r.Manifest.RowKey()] = true
	}
	for _, d := range damaged {
		if d.Manifest.Hash != "" && tabled[d.Manifest.RowKey()] {
			all = append(all, store.Run{Dir: d.Dir, Manifest: d.Manifest, Status: store.Status{State: store.Damaged}})
		}
	}
	tables, err := Build(all, opts)
	if err != nil {
		return Report{}, err
	}
	report := Report{Tables: tables, Ranks: rank(tables, cmp.Or(opts.Alpha, defaultAlpha)),
		NotDone: ListNotDone(runs, damaged)}
	if opts.Published {
		report.Published, err = literature(tables, opts.Metrics)
	}
	return report, err
}
