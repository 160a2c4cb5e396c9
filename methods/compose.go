package methods

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Composition is one or more methods that are trained together, in canonical order. Its name is theirs joined by "+",
// each with the settings that are not the published ones: "rrt+lds", "sqinv+ranksim(gamma=50)".
type Composition []Part

// Part is a method of a composition.
type Part struct {
	Method
	// Given are the settings that its name has, by field.
	Given map[string]string
	// Values are all of its settings, as Method.Settings returns them; nil if it has none, and before [Composition.For].
	Values any

	traits Traits // of the benchmark, after [Composition.For]
}

// Parse reads the name of a composition. The methods may stand in any order.
func Parse(name string) (Composition, error) {
	var c Composition
	for _, text := range splitNames(name) {
		part, err := parsePart(text)
		if err != nil {
			return nil, fmt.Errorf("method %q: %w", name, err)
		}
		c = append(c, part)
	}
	c.sort()
	if err := c.clash(); err != nil {
		return nil, fmt.Errorf("method %q: %w", name, err)
	}
	if len(c) > 1 && c[0].Name == vanilla {
		c = c[1:]
	}
	return c, nil
}

func (c Composition) sort() {
	slices.SortStableFunc(c, func(a, b Part) int { return inOrder(a.Method, b.Method) })
}

// splitNames splits at each "+" outside of parentheses.
func splitNames(name string) []string {
	var parts []string
	begin, depth := 0, 0
	for i, r := range name {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case '+':
			if depth == 0 {
				parts, begin = append(parts, name[begin:i]), i+1
			}
		}
	}
	return append(parts, name[begin:])
}

// WithSettings returns the name of a composition with settings "NAME=VALUE" of the one method in it that has some, or of the
// only method.
func WithSettings(name string, settings []string) (string, error) {
	parts := splitNames(name)
	var at []int
	for i, part := range parts {
		if registered[part].Settings != nil || len(parts) == 1 {
			at = append(at, i)
		}
	}
	if len(at) != 1 {
		return "", fmt.Errorf("method %q: %d of its methods have settings; write them as NAME(SETTING=VALUE) in its name",
			name, len(at))
	}
	parts[at[0]] += "(" + strings.Join(settings, ",") + ")"
	return strings.Join(parts, "+"), nil
}

var (
	partForm    = regexp.MustCompile(`^([^()]*)(?:\(([^()]*)\))?$`)
	settingForm = regexp.MustCompile(`^([a-z][a-z0-9_]*)=([A-Za-z0-9.+_-]+)$`)
)

func parsePart(text string) (Part, error) {
	form := partForm.FindStringSubmatch(text)
	if form == nil {
		return Part{}, fmt.Errorf("%q: expected NAME or NAME(SETTING=VALUE,...)", text)
	}
	m, known := registered[form[1]]
	if !known {
		return Part{}, fmt.Errorf("%q is unknown; expected one or more of %s, joined by \"+\"", form[1], strings.Join(Names(), ", "))
	}
	part := Part{Method: m}
	if form[1] == text {
		return part, nil
	}
	part.Given = map[string]string{}
	for _, setting := range strings.Split(form[2], ",") {
		pair := settingForm.FindStringSubmatch(setting)
		if pair == nil || part.Given[pair[1]] != "" {
			return Part{}, fmt.Errorf("setting %q of %s: expected NAME=VALUE, each name once", setting, m.Name)
		}
		part.Given[pair[1]] = pair[2]
	}
	_, err := part.settings(Traits{})
	return part, err
}

// clash finds methods that cannot go together.
func (c Composition) clash() error {
	for i, p := range c {
		for _, q := range c[:i] {
			if p.Name == q.Name {
				return fmt.Errorf("%s is there twice", p.Name)
			}
			if what := bothDo(p.Method, q.Method); what != "" {
				return fmt.Errorf("%s and %s cannot go together: %s; take one of them", q.Name, p.Name, what)
			}
		}
	}
	return nil
}

// bothDo names what only one of two methods can do, empty if they do no such thing.
func bothDo(a, b Method) string {
	own := func(m Method) bool { return m.Weights != nil || m.Head != nil }
	rule := func(m Method) bool { return own(m) || m.Reweight != "" && m.Reweight != ReweightDefault }
	loss := func(m Method) bool { return m.Loss != nil || m.Focal }
	switch {
	case a.Resample != ResampleNone && b.Resample != ResampleNone:
		return "both resample the training rows"
	case loss(a) && loss(b):
		return "both replace the loss"
	case rule(a) && rule(b):
		return "both weight the loss"
	case own(a) && b.SmoothsLabels, own(b) && a.SmoothsLabels:
		return "one smooths the density of bins, the other weights samples by a rule of its own"
	case a.Views > 0 && b.Views > 0 && (a.ViewsAlone != b.ViewsAlone || a.Views != b.Views):
		return "they take other views of a row"
	case a.Stage != nil && b.Stage != nil:
		return "both have stages of training of their own"
	}
	return ""
}

// inOrder compares methods by their place in a canonical name: those of the paper of 2021 and resampling as they have always
// been, then all others by name.
func inOrder(a, b Method) int {
	place := func(m Method) int {
		at := slices.Index([]string{vanilla, "sqinv", "inv", "focal-r", "rrt", "smoter", "smogn", "lds", "fds"}, m.Name)
		if at < 0 {
			return len(registered)
		}
		return at
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Name, b.Name))
}

// String returns the canonical name: "vanilla", "lds+fds", "rrt+lds+ranksim(gamma=50)".
func (c Composition) String() string {
	var parts []string
	for _, p := range c {
		name := p.Name
		for i, field := range slices.Sorted(maps.Keys(p.Given)) {
			name += []string{"(", ","}[min(i, 1)] + field + "=" + p.Given[field]
		}
		if len(p.Given) > 0 {
			name += ")"
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, "+")
}

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
		if err := yaml.Unmarshal([]byte(field+": "+p.Given[field]), values); err != nil {
			return nil, fmt.Errorf("setting %s of %s: %s: expected a value like %v", field, p.Name, p.Given[field], known[field])
		}
	}
	if _, err := json.Marshal(values); err != nil {
		return nil, fmt.Errorf("settings of %s: expected finite numbers", p.Name)
	}
	if v, ok := values.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return values, nil
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

// Refusal returns why a benchmark cannot have the composition, nil if it can.
func (c Composition) Refusal(t Traits) error {
	var reasons []error
	said := map[string]bool{}
	for _, p := range c {
		if reason := p.Method.Refusal(t); reason != nil && !said[reason.Error()] {
			said[reason.Error()] = true
			reasons = append(reasons, reason)
		}
	}
	return errors.Join(reasons...)
}

func (c Composition) any(does func(Part) bool) bool { return slices.ContainsFunc(c, does) }

// LDS reports whether the composition smooths the label density.
func (c Composition) LDS() bool { return c.any(func(p Part) bool { return p.SmoothsLabels }) }

// Prepares reports whether it has something to compute from the training labels before the first step.
func (c Composition) Prepares() bool { return c.any(func(p Part) bool { return p.Prepare != nil }) }

// FDS reports whether it calibrates features.
func (c Composition) FDS() bool { return c.any(func(p Part) bool { return p.SmoothsFeatures }) }

// Focal reports whether its loss is the benchmark's Focal-R form.
func (c Composition) Focal() bool { return c.any(func(p Part) bool { return p.Focal }) }

// Stage returns how its training differs from the recipe's. Before [Composition.For] it is the published one.
func (c Composition) Stage() Stage {
	for _, p := range c {
		if p.Method.Stage == nil {
			continue
		}
		values := p.Values
		if values == nil && p.Settings != nil {
			values = p.Settings(p.traits)
		}
		return p.Method.Stage(values)
	}
	return Stage{}
}

// EncoderOnly reports whether its training has no head.
func (c Composition) EncoderOnly() bool {
	return c.any(func(p Part) bool { return p.Method.EncoderOnly })
}

// Resample returns how it resamples the training rows.
func (c Composition) Resample() Resample {
	for _, p := range c {
		if p.Method.Resample != ResampleNone {
			return p.Method.Resample
		}
	}
	return ResampleNone
}

// WithoutResampling returns the composition as it is on the original training rows.
func (c Composition) WithoutResampling() Composition {
	return slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return p.Method.Resample != ResampleNone })
}

// WeightRule returns the re-weighting rule of the training, given the one of the benchmark's recipe. LDS smooths a
// density, so it brings the recipe's rule where no method has another.
func (c Composition) WeightRule(recipe Reweight) Reweight {
	rule := ReweightNone
	for _, p := range c {
		switch {
		case p.Weights != nil || p.Method.Head != nil:
			return ReweightNone
		case p.Reweight == ReweightDefault && rule == ReweightNone:
			rule = recipe
		case p.Reweight != "" && p.Reweight != ReweightDefault:
			return p.Reweight
		}
	}
	return rule
}

// FirstStage returns the composition whose encoder this one starts from, and false for one of one stage. The first stage
// has what shapes the encoder, but no re-weighting, which is the second stage's part.
func (c Composition) FirstStage() (Composition, bool) {
	from := c.Stage().From
	if from == "" {
		return nil, false
	}
	first, err := Parse(from)
	if err == nil {
		first, err = first.For(c[0].traits)
	}
	if err != nil {
		panic(fmt.Sprintf("methods: %s starts from %q: %v", c, from, err)) // the method's author gave another name
	}
	shaping := slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return !p.SmoothsFeatures && !p.ShapesFeatures })
	if len(shaping) > 0 && from == vanilla {
		return shaping, true
	}
	first = append(first, shaping...)
	first.sort()
	return first, true
}

// EndsEpochs reports whether a method of the composition has something to do at the end of an epoch.
func (c Composition) EndsEpochs() bool { return c.any(func(p Part) bool { return p.EndEpoch != nil }) }

// Copies returns how many augmented copies of a row the steps of a training read, and how many of them are views beside
// the plain one. The training is a second stage or not.
func (c Composition) Copies(second bool) (all, beside int) {
	all = 1
	for _, p := range c.Hooks(second) {
		switch {
		case p.ViewsAlone:
			return p.Views, 0
		case p.Views > 0:
			all, beside = 1+p.Views, p.Views
		}
	}
	return all, beside
}

// Hooks returns the methods whose hooks are called in a training, which is a second stage or not.
func (c Composition) Hooks(second bool) Composition {
	return slices.DeleteFunc(slices.Clone(c), func(p Part) bool { return second && p.ShapesFeatures })
}
