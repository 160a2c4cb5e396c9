package page

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

// title names a figure in a file, where no page stands around it.
func (f *figures) title(what string) string { return f.table.Title + ": " + what }

// names lists the methods: "vanilla, lds".
func (f *figures) names() string {
	names := make([]string, len(f.data))
	for i, d := range f.data {
		names[i] = d.label
	}
	return strings.Join(names, ", ")
}

// meanOver says of what values are means: ", means over 5 seeds"; nothing for single runs.
func (f *figures) meanOver() string {
	least, most := f.data[0].seeds, f.data[0].seeds
	for _, d := range f.data {
		least, most = min(least, d.seeds), max(most, d.seeds)
	}
	switch {
	case most == 1:
		return ""
	case least == most:
		return fmt.Sprintf(", means over %d seeds", most)
	}
	return fmt.Sprintf(", means over %d to %d seeds", least, most)
}

// unit is that of the error by bin: " (years)", " (years²)".
func (f *figures) unit() string { return analysis.UnitText(f.labels.Space, f.metric) }

// step is what learning curves count: epochs, or checks where an epoch has several.
func (f *figures) step() string {
	for _, d := range f.data {
		if !d.epochs {
			return "check"
		}
	}
	return "epoch"
}

// shortTitle is the title of a table without the remark on twins, for which protocol has one.
func shortTitle(m store.Manifest) string {
	m.Dataset.Twin = false
	return reports.Title(m)
}

// protocol says what tells tables of one dataset apart: "scale tiny, paper semantics, procedural twin".
func protocol(m store.Manifest) string {
	text := fmt.Sprintf("scale %s, %s semantics", m.Scale, m.Semantics)
	if m.Dataset.Twin {
		text += ", procedural twin"
	}
	return text
}

// shortProtocol is protocol for a cell of a table: "tiny, paper, twin".
func shortProtocol(m store.Manifest) string {
	text := m.Scale + ", " + m.Semantics
	if m.Dataset.Twin {
		text += ", twin"
	}
	return text
}
