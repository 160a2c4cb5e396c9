package methods

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

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

// WithSettings returns the name of a composition with settings "NAME=VALUE" of the one method in it that has some, or
// of the only method.
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
	settingForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_]*)=([A-Za-z0-9.+_-]+)$`)
)

func parsePart(text string) (Part, error) {
	form := partForm.FindStringSubmatch(text)
	if form == nil {
		return Part{}, fmt.Errorf("%q: expected NAME or NAME(SETTING=VALUE,...)", text)
	}
	m, known := registered[form[1]]
	if !known {
		return Part{}, fmt.Errorf("%q is unknown; expected one or more of %s, joined by \"+\"", form[1],
			strings.Join(Names(), ", "))
	}
	part := Part{Method: m}
	if form[1] == text {
		return part, nil
	}
	part.Given = map[string]string{}
	for _, setting := range strings.Split(form[2], ",") {
		pair := settingForm.FindStringSubmatch(setting)
		switch {
		case pair == nil:
			return Part{}, fmt.Errorf("setting %q of %s: expected NAME=VALUE", setting, m.Name)
		case part.Given[pair[1]] != "":
			return Part{}, fmt.Errorf("%s has the setting %s twice", m.Name, pair[1])
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

// inOrder compares methods by their place in a canonical name: those of the paper of 2021 and resampling as they have
// always been, then all others by name.
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
