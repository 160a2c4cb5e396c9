package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/runner/store"
)

// maxFields is how many differing fields a footnote names.
const maxFields = 4

// checkConfigs warns of every method that has several rows, and says in what they differ.
func (b *builder) checkConfigs() {
	var seen []string
	for _, r := range b.rows {
		if !b.severalConfigs(r.method) || slices.Contains(seen, r.method) {
			continue
		}
		seen = append(seen, r.method)
		b.warn(WarnConfigs, "%s: rows by hash, for the runs differ in %s", r.method, strings.Join(b.differences(r.method), " and "))
	}
	if len(b.distinct(dataFiles)) > 1 && len(seen) == 0 {
		b.warn(WarnData, "the methods were not all trained and tested on the same data files, so they are not comparable")
	}
}

// dataFiles identifies the data of a run; maps print in the order of their keys.
func dataFiles(m store.Manifest) string {
	if len(m.Dataset.Files) == 0 {
		return ""
	}
	return fmt.Sprint(m.Dataset.Files)
}

// differences says in what the rows of a method differ: "configuration (recipe.lr)", "data files (train)".
func (b *builder) differences(method string) []string {
	configs, files := differing{}, differing{}
	imported := map[bool]bool{}
	for _, row := range b.rows {
		if row.method != method {
			continue
		}
		m := row.runs[0].Manifest
		if settings, err := row.runs[0].Settings(); err == nil { // they were hashed before
			configs.add(settings)
		}
		files.add(m.Dataset.Files)
		imported[m.Imported != ""] = true
	}
	var list []string
	if names := configs.names(); len(names) > 0 {
		list = append(list, "configuration ("+shortList(names)+")")
	}
	if names := files.names(); len(names) > 0 {
		list = append(list, "data files ("+shortList(names)+")")
	}
	if len(imported) > 1 {
		list = append(list, "imported or trained weights")
	}
	return list
}

// differing collects, by name, the values of several maps; a name that a map lacks has the value "" there.
type differing []map[string]string

func (d *differing) add(m map[string]string) { *d = append(*d, m) }

// names returns those with more than one value, sorted.
func (d differing) names() []string {
	differ := map[string]bool{}
	for _, m := range d {
		for name, value := range m {
			for _, other := range d {
				if other[name] != value {
					differ[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(differ))
}

func shortList(names []string) string {
	if len(names) > maxFields {
		names = append(slices.Clip(names[:maxFields]), "…")
	}
	return strings.Join(names, ", ")
}
