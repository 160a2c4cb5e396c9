package cmd

import (
	"encoding/json"
	"iter"
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
	// Recipe are the fields that the method uses and vanilla does not, with their published values, on each benchmark.
	Recipe map[string]map[string]any `json:"recipe,omitempty"`
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
	d := &methodDetails{Paper: m[0].Paper, Refused: map[string]string{},
		Settings: map[string]map[string]any{}, Recipe: map[string]map[string]any{}}
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
		if len(fields) > 0 {
			d.Recipe[name] = fields
		}
	}
	return d, nil
}

// recipeFields returns the fields in which a benchmark's published recipe for the method differs from that for vanilla.
// Those of a section are named as in "lds.size".
func recipeFields(b benchmarks.Benchmark, m methods.Composition) (map[string]any, error) {
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
	fields := map[string]any{}
	for name, value := range used {
		if !reflect.DeepEqual(value, plain[name]) {
			flatten(fields, name, value)
		}
	}
	return fields, nil
}

// flatten adds a value by its name, or those of a section by theirs.
func flatten(fields map[string]any, name string, value any) {
	section, ok := value.(map[string]any)
	if !ok {
		fields[name] = value
	}
	for field, inside := range section {
		flatten(fields, name+"."+field, inside)
	}
}

// lines returns the details as text; none without.
func (d *methodDetails) lines() (lines []string) {
	if d == nil {
		return nil
	}
	if d.Paper != "" {
		lines = append(lines, "paper: "+d.Paper)
	}
	having := len(benchmarks.Names()) - len(d.Refused)
	lines = append(lines, settingsLines("settings", d.Settings, having)...)
	lines = append(lines, settingsLines("recipe", d.Recipe, having)...)
	for reason, names := range grouped(d.Refused) {
		lines = append(lines, "not for "+names+": "+reason)
	}
	return lines
}

// settingsLines returns a line of the values that are equal on all benchmarks that can have a method, and one for each
// group of benchmarks of what is not.
func settingsLines(what string, values map[string]map[string]any, having int) (lines []string) {
	number := map[string]int{} // of benchmarks by "name=value"
	for _, own := range values {
		for _, text := range settingsTexts(own) {
			number[text]++
		}
	}
	everywhere := func(text string) bool { return number[text] == having }
	if common := slices.DeleteFunc(slices.Sorted(maps.Keys(number)),
		func(text string) bool { return !everywhere(text) }); len(common) > 0 {
		lines = append(lines, what+": "+strings.Join(common, ", "))
	}
	apart := map[string]string{}
	for benchmark, own := range values {
		if texts := slices.DeleteFunc(settingsTexts(own), everywhere); len(texts) > 0 {
			apart[benchmark] = strings.Join(texts, ", ")
		}
	}
	for text, names := range grouped(apart) {
		lines = append(lines, what+" "+names+": "+text)
	}
	return lines
}

func settingsTexts(own map[string]any) (texts []string) {
	for _, name := range slices.Sorted(maps.Keys(own)) {
		value, _ := json.Marshal(own[name]) // it came from JSON
		texts = append(texts, name+"="+strings.Trim(string(value), `"`))
	}
	return texts
}

// grouped yields each text with the benchmarks that have it.
func grouped(texts map[string]string) iter.Seq2[string, string] {
	names := map[string][]string{}
	for _, benchmark := range slices.Sorted(maps.Keys(texts)) {
		names[texts[benchmark]] = append(names[texts[benchmark]], benchmark)
	}
	return func(yield func(string, string) bool) {
		for _, text := range slices.Sorted(maps.Keys(names)) {
			if !yield(text, strings.Join(names[text], ", ")) {
				return
			}
		}
	}
}
