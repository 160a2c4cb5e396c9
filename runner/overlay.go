package runner

import (
	"fmt"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// overlay decodes a YAML mapping onto a filled struct: fields that the mapping names change, the others stay. A name that
// the struct lacks is an error with its line, which yaml.Node.Decode alone would not report.
func overlay(node *yaml.Node, into any) error {
	if node.IsZero() {
		return nil
	}
	if err := checkFields(node, reflect.TypeOf(into)); err != nil {
		return err
	}
	if err := node.Decode(into); err != nil {
		return fmt.Errorf("%s", oneLine(err))
	}
	return nil
}

func checkFields(node *yaml.Node, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node.Kind != yaml.MappingNode || t.Kind() != reflect.Struct {
		return nil
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		fields[name] = t.Field(i).Type
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		field, known := fields[key.Value]
		if !known {
			return fmt.Errorf("line %d: field %s is unknown", key.Line, key.Value)
		}
		if err := checkFields(value, field); err != nil {
			return err
		}
	}
	return nil
}

// oneLine joins the messages of a YAML error, which come one a line under a heading.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if len(lines) > 1 {
		lines = lines[1:]
	}
	for i := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimSpace(lines[i]), "yaml: ")
	}
	return strings.Join(lines, "; ")
}
