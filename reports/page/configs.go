package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/store"
)

// compareConfigs splits the settings of a table's rows, as of their first seeds, into those that all share and those in
// which methods differ. Settings that are empty everywhere are left out.
func compareConfigs(t reports.Table) (common []Fact, differing *reports.Sheet, err error) {
	configs := make([]map[string]string, len(t.Rows))
	names := map[string]bool{}
	for i, r := range t.Rows {
		if configs[i], err = settings(r.Runs[0]); err != nil {
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

// settings flattens a configuration into values by dotted names, such as "recipe.lds.size": "5". The seed and the hashes of
// the data, which are listed elsewhere, and empty values are left out; lists are one value.
func settings(run store.Run) (map[string]string, error) {
	var config map[string]any
	decoder := json.NewDecoder(bytes.NewReader(run.Manifest.Config))
	decoder.UseNumber()
	if err := decoder.Decode(&config); err != nil {
		return nil, fmt.Errorf("%s: config: %w", filepath.Join(run.Dir, store.ManifestFile), err)
	}
	delete(config, "seed")
	delete(config, "files")
	flat := map[string]string{}
	return flat, flatten(flat, "", config)
}

func flatten(flat map[string]string, name string, value any) error {
	switch v := value.(type) {
	case nil:
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			if err := flatten(flat, k, inner); err != nil {
				return err
			}
		}
	case []any:
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		flat[name] = string(raw)
	default:
		if text := fmt.Sprint(v); text != "" {
			flat[name] = text
		}
	}
	return nil
}
