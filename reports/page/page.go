// Package page writes a report as one HTML file that needs nothing else: tables to sort, figures, where the runs came
// from and what is not done.
package page

import (
	"cmp"
	"fmt"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
)

// Options choose what figures show.
type Options struct {
	Split    datasets.Split // whose predictions; empty means test
	Baseline string         // method that gains are over; empty means vanilla
	// Methods are globs of the methods in figures; nil means the baseline and the best other one in the few-shot region.
	Methods []string
}

// Page is a report with its figures.
type Page struct {
	Overview reports.Sheet
	Ranks    []Ranks   // across benchmarks
	Sections []Section // one for each table
	// Leaderboards hold all rows of a benchmark, measured and published, by protocol.
	Leaderboards []reports.Leaderboard
	// Published are sheets of results of the literature.
	Published []reports.Sheet
	NotDone   *reports.Sheet // nil if all runs are done
	// Problems are what kept figures from being drawn, such as lost predictions. The page shows them in place of the
	// figures.
	Problems []error
}

// New reads the predictions and events that figures need; it never holds those of more than one run.
func New(report reports.Report, opts Options) *Page {
	if opts.Split == "" {
		opts.Split = datasets.Test
	}
	opts.Baseline = cmp.Or(opts.Baseline, "vanilla")
	p := &Page{Overview: overview(report, opts.Baseline), Leaderboards: report.Leaderboards()}
	ids := map[string]int{}
	for _, s := range report.Document().Sections {
		switch s.Kind {
		case reports.OfTable:
			id := sectionID(manifestOf(*s.Table))
			if ids[id]++; ids[id] > 1 {
				id = fmt.Sprintf("%s-%d", id, ids[id])
			}
			section := newSection(id, s, opts)
			p.Sections = append(p.Sections, section)
			p.Problems = append(p.Problems, section.Problems...)
		case reports.OfRanks:
			p.Ranks = append(p.Ranks, newRanks(len(p.Ranks), s))
		case reports.OfPublished:
			p.Published = s.Sheets
		case reports.OfNotDone:
			p.NotDone = &s.Sheets[0]
		}
	}
	return p
}
