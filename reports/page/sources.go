package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// Sources say where the runs of a table come from.
type Sources struct {
	Facts []Fact
	Runs  reports.Sheet
	// Common are the settings that all rows share, Differing a sheet of the others, nil without any.
	Common    []Fact
	Differing *reports.Sheet
}

// Fact is a property with its values, one unless runs differ in it.
type Fact struct {
	Name   string
	Values []string
}

// sourcesOf gathers the sources of a table. The error names a manifest whose configuration cannot be read.
func sourcesOf(t reports.Table) (s Sources, err error) {
	var runs []store.Run
	for _, r := range t.Rows {
		runs = append(runs, r.Runs...)
	}
	s.Facts, s.Runs = factsOf(runs), runSheet(t)
	s.Common, s.Differing, err = compareConfigs(t)
	return s, err
}

// factsOf lists what manifests say, each value once.
func factsOf(runs []store.Run) (facts []Fact) {
	for _, property := range []struct {
		name   string
		values func(store.Manifest) []string
	}{
		{"Suite", func(m store.Manifest) []string { return []string{m.Suite} }},
		{"Command", func(m store.Manifest) []string { return []string{strings.Join(m.Argv, " ")} }},
		{"Commit", func(m store.Manifest) []string { return []string{m.Commit} }},
		{"Program (SHA-256)", func(m store.Manifest) []string { return []string{m.Program} }},
		{"Backend", func(m store.Manifest) []string { return []string{m.Backend} }},
		{"Device", func(m store.Manifest) []string { return []string{m.Device} }},
		{"Go", func(m store.Manifest) []string { return []string{m.GoVersion} }},
		{"Modules", func(m store.Manifest) []string { return pairs(m.Modules, " ") }},
		{"Data (SHA-256)", func(m store.Manifest) []string { return pairs(m.Dataset.Files, ": ") }},
		{"Derived seeds", derivedSeeds},
		{"Imported weights", func(m store.Manifest) []string { return []string{m.Imported} }},
		{"Predictions of other programs (SHA-256)", externalFile},
	} {
		var values []string
		for _, r := range runs {
			for _, v := range property.values(r.Manifest) {
				if v != "" && !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
		}
		if len(values) > 0 {
			facts = append(facts, Fact{property.name, values})
		}
	}
	return facts
}

func externalFile(m store.Manifest) []string {
	if m.External == nil {
		return nil
	}
	return []string{m.External.File + ": " + m.External.SHA256}
}

// pairs lists a map in the order of its keys.
func pairs(m map[string]string, between string) (list []string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		list = append(list, k+between+m[k])
	}
	return list
}

// derivedSeeds returns one line for the manifest's seed: "seed 0: dropout 17, init 4".
func derivedSeeds(m store.Manifest) []string {
	if len(m.Seeds) == 0 {
		return nil
	}
	var parts []string
	for _, purpose := range slices.Sorted(maps.Keys(m.Seeds)) {
		parts = append(parts, fmt.Sprintf("%s %d", purpose, m.Seeds[purpose]))
	}
	return []string{fmt.Sprintf("seed %d: %s", m.Seed, strings.Join(parts, ", "))}
}

// runSheet lists the runs of a table.
func runSheet(t reports.Table) reports.Sheet {
	s := reports.Sheet{Title: "Runs", Columns: []reports.SheetColumn{
		{Header: "Method"}, {Header: "Seed", Number: true}, {Header: "Hash"}, {Header: "State"},
		{Header: "Attempts", Number: true},
		{Header: "Minutes", Number: true}, {Header: "Folder"},
	}}
	for _, row := range t.Rows {
		for _, r := range row.Runs {
			m := r.Manifest
			minutes := reports.Text(none)
			if r.Status.Seconds > 0 {
				minutes = reports.Number(fmt.Sprintf("%.1f", r.Status.Seconds/60), r.Status.Seconds)
			}
			s.Rows = append(s.Rows, []reports.SheetCell{
				reports.Text(m.Method), reports.Number(fmt.Sprint(m.Seed), float64(m.Seed)),
				reports.Text(m.Hash[:min(8, len(m.Hash))]), reports.Text(string(r.Status.State)),
				reports.Number(fmt.Sprint(m.Attempts), float64(m.Attempts)), minutes, reports.Text(r.Dir),
			})
		}
	}
	return s
}

// compareConfigs splits the settings of a table's rows, as of their first seeds, into those that all share and those in
// which methods differ. Settings that are empty everywhere are left out.
func compareConfigs(t reports.Table) (common []Fact, differing *reports.Sheet, err error) {
	configs := make([]map[string]string, len(t.Rows))
	names := map[string]bool{}
	for i, r := range t.Rows {
		if configs[i], err = r.Runs[0].Settings(); err != nil {
			return nil, nil, err
		}
		for name := range configs[i] {
			names[name] = true
		}
	}
	sheet := reports.Sheet{Title: "Configuration where methods differ",
		Columns: []reports.SheetColumn{{Header: "Setting"}}}
	for _, r := range t.Rows {
		sheet.Columns = append(sheet.Columns, reports.SheetColumn{Header: r.Label})
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row, same := []reports.SheetCell{reports.Text(name)}, true
		for _, c := range configs {
			row, same = append(row, reports.Text(orNone(c[name]))), same && c[name] == configs[0][name]
		}
		if same {
			common = append(common, Fact{name, []string{configs[0][name]}})
		} else {
			sheet.Rows = append(sheet.Rows, row)
		}
	}
	if len(sheet.Rows) == 0 {
		return common, nil, nil
	}
	return common, &sheet, nil
}

func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}
