package page

import (
	"maps"
	"slices"

	"github.com/dirbench/dirbench/reports"
)

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
	sheet := reports.Sheet{Title: "Configuration where methods differ", Columns: []reports.SheetColumn{{Header: "Setting"}}}
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
