package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
)

// methodDetails are what list methods --verbose says of a method.
type methodDetails struct {
	Paper string `json:"paper,omitempty"`
	// Settings are the published values of the method's own settings on each benchmark that can have it.
	Settings map[string]map[string]any `json:"settings,omitempty"`
	// Recipe names the fields of a benchmark's recipe that the method uses and vanilla does not.
	Recipe []string `json:"recipe,omitempty"`
	// Refused says why benchmarks cannot have the method.
	Refused map[string]string `json:"refused,omitempty"`
}

// describeMethods adds the details to rows of methods.
func describeMethods(rows []listRow) ([]listRow, error) {
	for i := range rows {
		m, err := methods.Parse(rows[i].Name)
		if err == nil {
			rows[i].methodDetails, err = detailsOf(m)
		}
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func detailsOf(m methods.Composition) (*methodDetails, error) {
	d := &methodDetails{Paper: m[0].Paper, Settings: map[string]map[string]any{}, Refused: map[string]string{}}
	for _, name := range benchmarks.Names() {
		b, err := benchmarks.Lookup(name)
		if err != nil {
			return nil, err
		}
		if reason := m.Refusal(b.Traits(benchmarks.FullScale)); reason != nil {
			d.Refused[name] = reason.Error()
			continue
		}
		there, err := m.For(b.Traits(benchmarks.FullScale))
		if err != nil {
			return nil, err
		}
		if own := there.Settings()[m[0].Name]; own != nil {
			d.Settings[name] = own
		}
		fields, err := recipeFields(b, there)
		if err != nil {
			return nil, err
		}
		d.Recipe = append(d.Recipe, fields...)
	}
	slices.Sort(d.Recipe)
	d.Recipe = slices.Compact(d.Recipe)
	return d, nil
}

// recipeFields returns the fields in which a benchmark's recipe for the method differs from that for vanilla.
func recipeFields(b benchmarks.Benchmark, m methods.Composition) (names []string, err error) {
	recipe, err := b.Recipe(benchmarks.FullScale, task.Paper)
	if err != nil {
		return nil, err
	}
	var plain, used map[string]any
	for into, of := range map[*map[string]any]methods.Composition{&plain: nil, &used: m} {
		text, err := json.Marshal(recipe.Used(of))
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return nil, err
		}
	}
	for name, value := range used {
		if !reflect.DeepEqual(value, plain[name]) {
			names = append(names, name)
		}
	}
	return names, nil
}

// lines returns the details as text; none without.
func (d *methodDetails) lines() (lines []string) {
	if d == nil {
		return nil
	}
	if d.Paper != "" {
		lines = append(lines, "paper: "+d.Paper)
	}
	for _, text := range grouped(d.Settings, settingsText) {
		lines = append(lines, "settings: "+text)
	}
	if len(d.Recipe) > 0 {
		lines = append(lines, "recipe: "+strings.Join(d.Recipe, ", "))
	}
	for _, text := range grouped(d.Refused, func(reason string) string { return reason }) {
		lines = append(lines, "refused: "+text)
	}
	return lines
}

// grouped returns a line for each value, with the benchmarks that have it.
func grouped[V any](values map[string]V, text func(V) string) (lines []string) {
	names := map[string][]string{}
	for _, benchmark := range slices.Sorted(maps.Keys(values)) {
		line := text(values[benchmark])
		names[line] = append(names[line], benchmark)
	}
	for _, line := range slices.Sorted(maps.Keys(names)) {
		lines = append(lines, fmt.Sprintf("%s (%s)", line, strings.Join(names[line], ", ")))
	}
	return lines
}

func settingsText(own map[string]any) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(own)) {
		list = append(list, fmt.Sprintf("%s=%v", name, own[name]))
	}
	return strings.Join(list, ",")
}
