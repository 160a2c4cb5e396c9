package plan

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// overlay decodes a YAML mapping onto a filled struct: fields that the mapping names change, the others stay. A name that
// the struct lacks is an error with its line, which yaml.Node.Decode alone would not report.
func overlay(node *yaml.Node, into any) error {
	if node.IsZero() {
		return nil
	}
	if err := (fieldCheck{}).fields(node, reflect.TypeOf(into)); err != nil {
		return err
	}
	if err := withoutPanic(func() error { return node.Decode(into) }); err != nil {
		return fmt.Errorf("%s", oneLine(err))
	}
	return nil
}

// checkDocument checks the whole text of a YAML file that has been decoded.
func checkDocument(content []byte, into any) error {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil || len(document.Content) == 0 {
		return err
	}
	return fieldCheck{}.fields(document.Content[0], reflect.TypeOf(into))
}

// fieldCheck finds what the decoder passes over. It remembers the aliased nodes that it has followed and the types they
// were to fill: a node may contain itself, or aliases of aliases that stand for more nodes than can be visited.
type fieldCheck map[aliased]bool

type aliased struct {
	node *yaml.Node
	t    reflect.Type
}

// fields checks a node by the type that it is to fill.
func (c fieldCheck) fields(node *yaml.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
		if c[aliased{node, t}] {
			return nil
		}
		c[aliased{node, t}] = true
	}
	switch {
	case t == reflect.TypeFor[yaml.Node]():
		return nil
	case node.Kind == yaml.ScalarNode:
		return checkNumber(node, t)
	case node.Kind == yaml.SequenceNode && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		return c.list(node, t)
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		return c.mapping(node, t)
	}
	return nil
}

// merge checks what a merge key brings: a mapping or a list of them, for the fields of t.
func (c fieldCheck) merge(node *yaml.Node, t reflect.Type) error {
	if node.Kind != yaml.SequenceNode {
		return c.fields(node, t)
	}
	for _, mapping := range node.Content {
		if err := c.fields(mapping, t); err != nil {
			return err
		}
	}
	return nil
}

func (c fieldCheck) mapping(node *yaml.Node, t reflect.Type) error {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		if field.IsExported() {
			fields[name] = field.Type
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.ShortTag() == "!!merge" {
			if err := c.merge(value, t); err != nil {
				return err
			}
			continue
		}
		field, known := fields[key.Value]
		if !known {
			return fmt.Errorf("line %d: field %s is unknown", key.Line, key.Value)
		}
		if err := c.fields(value, field); err != nil {
			return err
		}
	}
	return nil
}

func (c fieldCheck) list(node *yaml.Node, t reflect.Type) error {
	if t.Kind() == reflect.Array && len(node.Content) != t.Len() {
		return fmt.Errorf("line %d: %d values: expected %d", node.Line, len(node.Content), t.Len())
	}
	for _, element := range node.Content {
		if err := c.fields(element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// checkNumber refuses .nan and .inf, which the JSON of a manifest cannot hold, and fractions where the decoder would cut
// them off.
func checkNumber(node *yaml.Node, t reflect.Type) error {
	var value float64
	if node.ShortTag() != "!!float" || node.Decode(&value) != nil {
		return nil
	}
	whole := t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return fmt.Errorf("line %d: %s: expected a finite number", node.Line, node.Value)
	case whole && value != math.Trunc(value):
		return fmt.Errorf("line %d: %s: expected a whole number", node.Line, node.Value)
	}
	return nil
}

// unknownField is how the decoder reports one; the Go type in it says nothing to a person.
var unknownField = regexp.MustCompile(`not found in type \S+`)

// oneLine joins the messages of a YAML error, which come one a line under a heading.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 {
		lines = lines[1:]
	}
	for i := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimSpace(lines[i]), "yaml: ")
	}
	return unknownField.ReplaceAllString(strings.Join(lines, "; "), "is unknown")
}

// withoutPanic calls the YAML package, which panics on some keys of merged mappings.
func withoutPanic(decode func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return decode()
}
