package reports

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/runner/store"
)

// lengths are the fields of a recipe that say how long training goes on; names are what a table calls them.
var lengths = []struct{ field, name string }{
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

// checkLengths warns of methods that were trained for less than the scale's own recipe does.
func (b *builder) checkLengths() {
	var seen []string
	methods := map[string][]string{}
	for _, r := range b.done {
		for _, part := range truncated(r.Manifest) {
			if methods[part] == nil {
				seen = append(seen, part)
			}
			if !slices.Contains(methods[part], r.Manifest.Method) {
				methods[part] = append(methods[part], r.Manifest.Method)
			}
		}
	}
	for _, part := range seen {
		who := strings.Join(methods[part], ", ") + ": "
		if len(methods[part]) == len(b.methods()) {
			who = ""
		}
		b.warn(WarnTruncated, "%struncated training: %s that scale %s has", who, part, b.first.Scale)
	}
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

// overridden returns the fields of the recipe that a suite changed in runs of one configuration.
func overridden(runs []store.Run) []string {
	if len(runs) == 0 || runs[0].Manifest.Imported != "" {
		return nil
	}
	return slices.Sorted(maps.Keys(runs[0].Manifest.ScaleRecipe))
}
