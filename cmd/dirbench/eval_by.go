package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

// checkBy finds mistakes in the flags of a breakdown.
func (o *evalOptions) checkBy() error {
	switch {
	case o.by != "" && !slices.Contains([]analysis.By{analysis.ByBin, analysis.ByLabel, analysis.ByGenre}, analysis.By(o.by)):
		return usagef("--by %q: expected bin, label or genre", o.by)
	case o.width < 1:
		return usagef("--width %d: expected at least 1", o.width)
	case o.width > 1 && o.by != string(analysis.ByBin):
		return usagef("--width is about --by bin")
	case o.by != "" && o.format == formatCSV:
		return usagef("--by: csv has result tables only; expected --format md, term, latex, json or html")
	case o.by != "" && o.write:
		return usagef("--write writes no breakdown: leave out --by")
	}
	return nil
}

// breakDown prints the metrics by group of samples.
func (o *evalOptions) breakDown(runs []store.Run, damaged []store.DamagedRun, choice reports.Options, stdout io.Writer) error {
	for i := range runs {
		o.rule(&runs[i])
	}
	list, unreadable, err := analysis.Breakdowns(runs, analysis.BreakdownOptions{
		By: analysis.By(o.by), Width: o.width, Split: choice.Split, Metrics: choice.Metrics, Genres: o.genres,
	})
	if err != nil {
		return err
	}
	if damaged = append(damaged, unreadable...); len(list) == 0 && len(damaged) == 0 {
		return fmt.Errorf("%s: no finished run", o.root)
	}
	if err := o.printBreakdowns(stdout, list); err != nil {
		return err
	}
	return unreadableError(damaged)
}

func (o *evalOptions) printBreakdowns(w io.Writer, list []analysis.Breakdown) error {
	if o.format == formatJSON {
		return printJSON(w, list)
	}
	var sheets []reports.Sheet
	for _, b := range list {
		sheets = append(sheets, b.Sheets()...)
	}
	return printSheets(w, sheets, o.format)
}

// genres returns the genres of the samples of a run's dataset, which must be the one that the run is about.
func (o *evalOptions) genres(r store.Run) (map[string]string, error) {
	name := r.Manifest.Dataset.Name
	dir := o.data
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); err != nil {
		dir = filepath.Join(o.data, name)
	}
	d, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	for split, sum := range r.Manifest.Dataset.Files {
		if found := d.Meta.Splits[datasets.Split(split)].SHA256; found != sum {
			return nil, fmt.Errorf("%s: %s.parquet is not that of %s (another SHA-256): name the run's dataset with --data",
				dir, split, r.Dir)
		}
	}
	return d.Genres()
}
