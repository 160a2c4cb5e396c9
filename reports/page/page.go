// Package page writes a report as one HTML file that needs nothing else: tables to sort, figures, where the runs came from
// and what is not done.
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
	p := &Page{Overview: overview(report, opts.Baseline)}
	ids := map[string]int{}
	for _, t := range report.Tables {
		id := sectionID(manifestOf(t))
		if ids[id]++; ids[id] > 1 {
			id = fmt.Sprintf("%s-%d", id, ids[id])
		}
		s := newSection(id, t, opts)
		p.Sections = append(p.Sections, s)
		p.Problems = append(p.Problems, s.Problems...)
	}
	p.place(report)
	return p
}

// place gives every sheet of the report its place: those of a table, the first of which has its title, into its section.
func (p *Page) place(report reports.Report) {
	sheets := report.Sheets()
	if len(report.NotDone) > 0 {
		p.NotDone, sheets = &sheets[len(sheets)-1], sheets[:len(sheets)-1]
	}
	for i, r := range report.Ranks {
		p.Ranks = append(p.Ranks, newRanks(i, r))
	}
	ofTables := len(reports.Report{Tables: report.Tables}.Sheets())
	p.Published = sheets[ofTables+len(report.Ranks):]
	current := -1
	for _, s := range sheets[:ofTables] {
		if next := current + 1; next < len(p.Sections) && s.Title == report.Tables[next].Title {
			current = next
		}
		p.Sections[current].Sheets = append(p.Sections[current].Sheets, s)
	}
}
