package page

import (
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/charts"
	"github.com/dirbench/dirbench/runner/store"
)

// Section is about one table.
type Section struct {
	ID       string // anchor, and the beginning of its figures' file names
	Title    string
	Short    string // title where there is little room
	About    string // what tells it from other sections of the same title
	Sheets   []reports.Sheet
	Figures  []Figure
	Note     string // which methods figures leave out
	Sources  Sources
	Problems []error
}

// Figure is a drawing with its texts.
type Figure struct {
	ID      string // anchor and file name: that of the section and what it shows
	Caption string
	Alt     string // what it shows, for those who do not see it
	charts.Figure
}

func newSection(id string, part reports.Section, opts Options) Section {
	t := *part.Table
	m := manifestOf(t)
	s := Section{
		ID: id, Title: t.Title, Short: shortTitle(m), Sheets: part.Sheets,
		About: fmt.Sprintf("%s, data %s, %s, %s", m.Benchmark, m.Dataset.Name, protocol(m), m.Selection),
	}
	var err error
	if s.Sources, err = sourcesOf(t); err != nil {
		s.Problems = append(s.Problems, err)
	}
	chosen, leftOut := choose(t, opts)
	if len(leftOut) > 0 {
		s.Note = fmt.Sprintf("Figures hold at most %d methods; left out: %s.", charts.Colours, strings.Join(leftOut, ", "))
	}
	if len(chosen) > 0 {
		figures, problems := newFigures(id, t, opts, chosen).draw()
		s.Figures, s.Problems = figures, append(s.Problems, problems...)
	}
	return s
}

// manifestOf returns the manifest of the table's first run, which has in common with the others what names the table.
func manifestOf(t reports.Table) store.Manifest { return t.Rows[0].Runs[0].Manifest }

// sectionID makes an anchor and file name of letters, digits and hyphens.
func sectionID(m store.Manifest) string {
	name := strings.Join([]string{m.Benchmark, m.Dataset.Name, m.Scale, m.Fidelity}, "-")
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
}

// choose returns the rows that figures show, at most as many as there are colours: those that the globs match, or else
// the baseline and the best other method by the first metric in the few-shot region. It also names those for which
// there is no colour.
func choose(t reports.Table, opts Options) (rows []reports.Row, leftOut []string) {
	best := bestRow(t, opts.Baseline, datasets.Few)
	for i, r := range t.Rows {
		wanted := r.Method == opts.Baseline || i == best
		if opts.Methods != nil {
			wanted = matches(opts.Methods, r.Method)
		}
		switch {
		case !wanted || r.N == 0:
		case len(rows) == charts.Colours:
			leftOut = append(leftOut, r.Label)
		default:
			rows = append(rows, r)
		}
	}
	return rows, leftOut
}

func matches(globs []string, method string) bool {
	for _, g := range globs {
		if ok, err := path.Match(g, method); ok && err == nil {
			return true
		}
	}
	return false
}

// bestRow returns the row other than the baseline that has the best first metric in a region, or over all samples if
// none has a value there; -1 if there is none at all.
func bestRow(t reports.Table, baseline string, region datasets.Region) int {
	best, value := -1, math.NaN()
	k := columnOf(t, region)
	for i, r := range t.Rows {
		if r.Method == baseline || k < 0 {
			continue
		}
		v := float64(r.Cells[k].Mean)
		if t.Columns[k].Higher {
			v = -v
		}
		if !math.IsNaN(v) && (best < 0 || v < value) {
			best, value = i, v
		}
	}
	if best < 0 && k >= 0 && region != metrics.All {
		return bestRow(t, baseline, metrics.All)
	}
	return best
}

// columnOf returns the column of the first metric in a region, -1 without one.
func columnOf(t reports.Table, region datasets.Region) int {
	for i, c := range t.Columns {
		if c.Metric == t.Columns[0].Metric && c.Region == region {
			return i
		}
	}
	return -1
}

// shortTitle is the title of a table without the remark on twins, for which protocol has one.
func shortTitle(m store.Manifest) string {
	m.Dataset.Twin = false
	return reports.Title(m)
}

// protocol says what tells tables of one dataset apart: "scale tiny, paper semantics, synthetic twin".
func protocol(m store.Manifest) string {
	text := fmt.Sprintf("scale %s, %s semantics", m.Scale, m.Fidelity)
	if m.Dataset.Twin {
		text += ", synthetic twin"
	}
	return text
}

// shortProtocol is protocol for a cell of a table: "tiny, paper, twin".
func shortProtocol(m store.Manifest) string {
	text := m.Scale + ", " + m.Fidelity
	if m.Dataset.Twin {
		text += ", twin"
	}
	return text
}
