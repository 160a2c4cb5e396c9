package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// decode reads the text of a YAML file strictly and returns its first node. A field that the struct lacks is a mistake,
// and so are numbers that it cannot hold.
func (c *checker) decode(content []byte, into any) *yaml.Node {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := withoutPanic(func() error { return decoder.Decode(&document) }); err != nil && err != io.EOF {
		c.add(1, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return &document
	}
	var second yaml.Node
	if err := withoutPanic(func() error { return decoder.Decode(&second) }); err != io.EOF {
		c.add(max(1, second.Line), "a second YAML document begins: expected one suite in a file")
		return &document
	}
	if len(document.Content) == 0 {
		c.add(1, "the file is empty: expected a suite")
		return &document
	}
	root := document.Content[0]
	c.methodLists(root)
	c.overlay("", root, into)
	return root
}

// overlay decodes a YAML mapping onto a filled struct: fields that the mapping names change, the others stay.
func (c *checker) overlay(prefix string, node *yaml.Node, into any) {
	if node.IsZero() {
		return
	}
	f := fieldCheck{checker: c, prefix: prefix, seen: map[aliased]bool{}}
	before := len(c.list)
	f.fields(node, reflect.TypeOf(into))
	err := withoutPanic(func() error { return node.Decode(into) })
	if err == nil || len(c.list) > before {
		return
	}
	var types *yaml.TypeError
	if !errors.As(err, &types) {
		c.add(node.Line, "%s%s", prefix, strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	for _, text := range types.Errors {
		c.add(node.Line, "%s%s", prefix, text)
	}
}

// fieldCheck finds what the decoder passes over. It remembers the aliased nodes that it has followed and the types they
// were to fill: a node may contain itself, or aliases of aliases that stand for more nodes than can be visited.
type fieldCheck struct {
	*checker
	prefix string
	seen   map[aliased]bool
}

type aliased struct {
	node *yaml.Node
	t    reflect.Type
}

// fields checks a node by the type that it is to fill.
func (c fieldCheck) fields(node *yaml.Node, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
		if c.seen[aliased{node, t}] {
			return
		}
		c.seen[aliased{node, t}] = true
	}
	switch {
	case t == reflect.TypeFor[yaml.Node](), node.ShortTag() == "!!null":
	case c.misfits(node, t):
		c.add(node.Line, "%s%s: expected %s", c.prefix, shown(node), kindName(t))
	case node.Kind == yaml.ScalarNode:
		c.number(node, t)
	case node.Kind == yaml.SequenceNode && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		c.elements(node, t)
	case node.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		c.mapping(node, t)
	}
}

// misfits reports whether a node is of another kind than t, unless t reads YAML in a way of its own.
func (c fieldCheck) misfits(node *yaml.Node, t reflect.Type) bool {
	list, fields := t.Kind() == reflect.Slice || t.Kind() == reflect.Array, t.Kind() == reflect.Struct
	free := t.Kind() == reflect.Map || t.Kind() == reflect.Interface
	if free || reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]()) {
		return false
	}
	if node.Kind == yaml.ScalarNode && !list && !fields {
		return node.Decode(reflect.New(t).Interface()) != nil
	}
	return list != (node.Kind == yaml.SequenceNode) || fields != (node.Kind == yaml.MappingNode)
}

// shown is a node in a message.
func shown(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "fields"
	}
	return node.Value
}

// kindName says what a value of a type looks like in YAML.
func kindName(t reflect.Type) string {
	switch kind := t.Kind(); {
	case kind == reflect.Slice || kind == reflect.Array:
		return "a list"
	case kind == reflect.Struct:
		return "fields, each NAME: VALUE"
	case kind == reflect.Bool:
		return "true or false"
	case kind >= reflect.Int && kind <= reflect.Uint64:
		return "a whole number"
	case kind == reflect.Float32 || kind == reflect.Float64:
		return "a number"
	}
	return "one value"
}

// merge checks what a merge key brings: a mapping or a list of them, for the fields of t.
func (c fieldCheck) merge(node *yaml.Node, t reflect.Type) {
	if node.Kind != yaml.SequenceNode {
		c.fields(node, t)
		return
	}
	for _, mapping := range node.Content {
		c.fields(mapping, t)
	}
}

func (c fieldCheck) mapping(node *yaml.Node, t reflect.Type) {
	fields, names := map[string]reflect.Type{}, []string{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		if field.IsExported() && name != "-" {
			fields[name], names = field.Type, append(names, name)
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.ShortTag() == "!!merge" {
			c.merge(value, t)
		} else if field, known := fields[key.Value]; known {
			c.fields(value, field)
		} else {
			c.add(key.Line, "%sfield %s is unknown: expected one of %s", c.prefix, key.Value, strings.Join(names, ", "))
		}
	}
}

func (c fieldCheck) elements(node *yaml.Node, t reflect.Type) {
	if t.Kind() == reflect.Array && len(node.Content) != t.Len() {
		c.add(node.Line, "%s%d values: expected %d", c.prefix, len(node.Content), t.Len())
		return
	}
	for _, element := range node.Content {
		c.fields(element, t.Elem())
	}
}

// number refuses .nan and .inf, which the JSON of a manifest cannot hold, and fractions where the decoder would cut
// them off.
func (c fieldCheck) number(node *yaml.Node, t reflect.Type) {
	var value float64
	if node.ShortTag() != "!!float" || node.Decode(&value) != nil {
		return
	}
	whole := t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		c.add(node.Line, "%s%s: expected a finite number", c.prefix, node.Value)
	case whole && value != math.Trunc(value):
		c.add(node.Line, "%s%s: expected a whole number", c.prefix, node.Value)
	}
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
