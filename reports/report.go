package reports

import (
	"cmp"
	"encoding/json"
	"io"
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

// New returns the report of runs and of those that cannot be read. Where there is a table for a damaged run, it counts in its
// method's row as every other run that is not done. Errors are those of [Build].
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
	report := Report{Tables: tables, Ranks: rank(tables, cmp.Or(opts.Alpha, defaultAlpha)), NotDone: ListNotDone(runs, damaged)}
	if opts.Published {
		report.Published, err = literature(tables, opts.Metrics)
	}
	return report, err
}

// Sheets lays out the tables, each with its comparison, and, below them, the ranks across benchmarks, published results and
// the runs that are not done.
func (r Report) Sheets() []Sheet {
	var sheets []Sheet
	for _, t := range r.Tables {
		sheets = append(append(sheets, t.Sheet()), t.againstSheets()...)
	}
	for _, ranking := range r.Ranks {
		sheets = append(sheets, ranking.Sheet())
	}
	for _, l := range r.Published {
		sheets = append(sheets, l.sheets(r.Tables)...)
	}
	if len(r.NotDone) > 0 {
		sheets = append(sheets, notDoneSheet(r.NotDone))
	}
	return sheets
}

// Markdown writes all sheets.
func (r Report) Markdown(w io.Writer) error { return Markdown(w, r.Sheets()) }

// JSON writes the report as an indented JSON object.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
