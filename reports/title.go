package reports

import (
	"github.com/dirbench/dirbench/runner/store"
)

// Title names the dataset of a run, and a twin as one.
func Title(m store.Manifest) string {
	title := m.Dataset.Title
	if title == "" {
		title = m.Benchmark
	}
	if m.Dataset.Twin {
		title += " (procedural twin, not real data)"
	}
	return title
}

// SameTable reports whether [Build] puts two groups into one table.
func (g Group) SameTable(other Group) bool {
	return g.Runs[0].Manifest.RowKey() == other.Runs[0].Manifest.RowKey()
}
