package reports

import (
	"cmp"
	"encoding/json"
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
		b.warn(WarnConfigs, "%s: several rows, for the runs differ in %s", r.method,
			strings.Join(b.differences(r.method), " and "))
		for _, row := range b.rows {
			changed := strings.Join(row.changed, ", ")
			if row.method == r.method && changed != "" && row.label != row.method+" ("+changed+")" {
				b.warn(WarnConfigs, "%s: %s", row.label, changed)
			}
		}
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

type length struct{ field, name string }

// lengths are the fields of a recipe that say how long training goes on; names are what a table calls them.
var lengths = []length{
	{"epochs", "epochs"}, {"retrain_epochs", "epochs of the second stage"}, {"max_checks", "validations"},
}

// truncated says where a suite let a run train for less than the scale's own recipe does: "6 of the 20 epochs".
func truncated(m store.Manifest) (parts []string) {
	var config struct {
		Recipe map[string]json.RawMessage `json:"recipe"`
	}
	if len(m.ScaleRecipe) == 0 || m.Imported != "" || json.Unmarshal(m.Config, &config) != nil {
		return nil
	}
	for _, l := range lengths {
		own, usual := number(config.Recipe[l.field]), number(m.ScaleRecipe[l.field])
		if own < usual && own > 0 {
			parts = append(parts, fmt.Sprintf("%g of the %g %s", own, usual, l.name))
		}
	}
	return parts
}

// number reads a number; 0 if there is none.
func number(text json.RawMessage) (n float64) {
	if json.Unmarshal(text, &n) != nil {
		return 0
	}
	return n
}

// checkRecipes warns of methods that a suite trained for less than the scale's own recipe does, or with other settings.
func (b *builder) checkRecipes() {
	for _, l := range b.byMethod(func(r store.Run) []string { return truncated(r.Manifest) }) {
		b.warn(WarnTruncated, "%struncated training: %s that scale %s has", l.who, l.text, b.first.Scale)
	}
	for _, l := range b.byMethod(b.changed) {
		b.warn(WarnRecipe, "%sthe suite changed the recipe of scale %s: %s", l.who, b.first.Scale, l.text)
	}
}

// changed lists in one text what a suite changed in the recipe of a run, but for what [truncated] and, of a method with
// several rows, checkConfigs tell. A stage of a method keeps a learning rate and the like of its own, so that a suite's
// concerns its first stage only.
func (b *builder) changed(r store.Run) []string {
	if r.Manifest.Imported != "" || b.severalConfigs(r.Manifest.Method) {
		return nil
	}
	list := slices.DeleteFunc(ChangedSettings(r), func(setting string) bool {
		return slices.ContainsFunc(lengths, func(l length) bool { return strings.HasPrefix(setting, l.field+" ") })
	})
	if len(list) == 0 {
		return nil
	}
	return []string{strings.Join(list, ", ")}
}

// methodLine is a text about some methods: "lds, rrt: ", empty where it is about all.
type methodLine struct{ who, text string }

// byMethod gathers texts about finished runs, each once, with the methods whose runs have it.
func (b *builder) byMethod(texts func(store.Run) []string) (lines []methodLine) {
	var seen []string
	methods := map[string][]string{}
	for _, r := range b.done {
		for _, text := range texts(r) {
			if methods[text] == nil {
				seen = append(seen, text)
			}
			if !slices.Contains(methods[text], r.Manifest.Method) {
				methods[text] = append(methods[text], r.Manifest.Method)
			}
		}
	}
	for _, text := range seen {
		who := strings.Join(methods[text], ", ") + ": "
		if len(methods[text]) == len(b.methods()) {
			who = ""
		}
		lines = append(lines, methodLine{who, text})
	}
	return lines
}

// methods returns the methods that have finished runs.
func (b *builder) methods() (names []string) {
	for _, r := range b.done {
		if !slices.Contains(names, r.Manifest.Method) {
			names = append(names, r.Manifest.Method)
		}
	}
	return names
}

// ChangedSettings lists what a suite changed in the scale's recipe, with its values: "fds.features calibrated".
func ChangedSettings(r store.Run) (list []string) {
	usual, err := json.Marshal(map[string]any{"recipe": r.Manifest.ScaleRecipe})
	if err != nil {
		return nil
	}
	own, err := r.Settings()
	scale, scaleErr := store.Run{Manifest: store.Manifest{Config: usual}}.Settings()
	if err != nil || scaleErr != nil {
		return nil
	}
	for _, name := range (differing{own, scale}).names() {
		field := strings.TrimPrefix(name, "recipe.")
		top, _, _ := strings.Cut(field, ".")
		if _, changed := r.Manifest.ScaleRecipe[top]; changed && field != name {
			list = append(list, field+" "+cmp.Or(own[name], "unset"))
		}
	}
	return list
}

// overridden returns the fields of the recipe that a suite changed in runs of one configuration.
func overridden(runs []store.Run) []string {
	if len(runs) == 0 || runs[0].Manifest.Imported != "" {
		return nil
	}
	return slices.Sorted(maps.Keys(runs[0].Manifest.ScaleRecipe))
}
