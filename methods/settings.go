package methods

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// For returns the composition with its settings on a benchmark. Its name is without those that are the published ones.
func (c Composition) For(t Traits) (Composition, error) {
	c = slices.Clone(c)
	for i := range c {
		values, err := c[i].settings(t)
		if err != nil {
			return nil, fmt.Errorf("method %q: %w", c, err)
		}
		c[i].traits = t
		if c[i].Values = values; len(c[i].Given) > 0 {
			c[i].Given = differing(fields(values), fields(c[i].Settings(t)))
		}
	}
	if first, staged := c.FirstStage(); staged {
		if err := first.clash(); err != nil {
			return nil, fmt.Errorf("method %q: in the first stage %w", c, err)
		}
	}
	return c, nil
}

// settings returns the published settings with the given ones in their place.
func (p Part) settings(t Traits) (any, error) {
	if p.Settings == nil {
		if len(p.Given) > 0 {
			return nil, fmt.Errorf("%s has no settings of its own", p.Name)
		}
		return nil, nil
	}
	values := p.Settings(t)
	known := fields(values)
	for _, field := range slices.Sorted(maps.Keys(p.Given)) {
		if _, ok := known[field]; !ok {
			return nil, fmt.Errorf("%s has no setting %s; expected %s", p.Name, field,
				strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := set(values, field, p.Given[field]); err != nil {
			return nil, fmt.Errorf("setting %s of %s: %s: expected %w", field, p.Name, p.Given[field], err)
		}
	}
	if v, ok := values.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return values, nil
}

// set gives a field of settings a value. The error says what is expected of it.
func set(settings any, field, text string) error {
	published := fields(settings)[field]
	var given map[string]any
	line := []byte(field + ": " + text)
	if yaml.Unmarshal(line, &given) != nil || given[field] == nil || yaml.Unmarshal(line, settings) != nil {
		return fmt.Errorf("a value like %v", published)
	}
	number, fraction := given[field].(float64)
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return errors.New("a finite number")
	}
	taken, ok := fields(settings)[field].(float64)
	// yaml.v3 cuts off what an integer has no room for.
	if fraction && ok && taken != number && taken == math.Trunc(number) {
		return errors.New("a whole number")
	}
	return nil
}

// fields returns settings by the name of their field, as JSON has them; nil of nil.
func fields(settings any) (named map[string]any) {
	text, err := json.Marshal(settings)
	if err == nil {
		err = json.Unmarshal(text, &named)
	}
	if err != nil {
		panic(fmt.Sprintf("methods: settings %T: %v", settings, err)) // the method's author gave another type
	}
	return named
}

// differing returns the values that are not the published ones, as text.
func differing(values, published map[string]any) map[string]string {
	given := map[string]string{}
	for field, value := range values {
		if value != published[field] {
			given[field] = fmt.Sprint(value)
		}
	}
	return given
}

// Settings returns the settings of each method that has some, by method and field, as a run's hash covers them; nil
// without any.
func (c Composition) Settings() map[string]map[string]any {
	var all map[string]map[string]any
	for _, p := range c {
		if p.Values != nil {
			if all == nil {
				all = map[string]map[string]any{}
			}
			all[p.Name] = fields(p.Values)
		}
	}
	return all
}
