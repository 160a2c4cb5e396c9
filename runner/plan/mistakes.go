package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/methods"
)

// Mistake is something wrong in a suite.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1
	Message string `json:"message"`
}

func (m Mistake) String() string {
	if m.File == "" {
		return m.Message
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Message)
}

// Mistakes are all that is wrong in a suite, by line. As an error they are one line.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	text := m[0].String()
	if len(m) > 1 {
		text += fmt.Sprintf("; dirbench validate lists %d more", len(m)-1)
	}
	return text
}

// checker collects mistakes.
type checker struct {
	file string
	list Mistakes
}

// err returns the mistakes by line; nil if there are none.
func (c *checker) err() error {
	if len(c.list) == 0 {
		return nil
	}
	slices.SortStableFunc(c.list, func(a, b Mistake) int { return a.Line - b.Line })
	c.list = slices.Compact(c.list)
	return c.list
}

// embeddedLine is how YAML errors begin.
var embeddedLine = regexp.MustCompile(`line (\d+): `)

// add adds a mistake; a line that the message names itself goes before the given one.
func (c *checker) add(line int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if at := embeddedLine.FindStringSubmatch(message); at != nil {
		line, _ = strconv.Atoi(at[1])
		message = strings.Replace(message, at[0], "", 1)
	}
	c.list = append(c.list, Mistake{c.file, max(1, line), strings.Join(strings.Fields(message), " ")})
}

// in adds a mistake in a field of a mapping.
func (c *checker) in(node *yaml.Node, field, format string, args ...any) {
	line := node.Line
	if v := value(node, field); v.Line > 0 {
		line = v.Line
	}
	c.add(line, format, args...)
}

// methods parses a list of methods.
func (c *checker) methods(list *yaml.Node, names []string) (parsed []methods.Composition) {
	for i, name := range names {
		m, err := methods.Parse(name)
		if err != nil {
			line := list.Line
			if i < len(list.Content) {
				line = list.Content[i].Line
			}
			c.add(line, "%v", err)
		}
		parsed = append(parsed, m)
	}
	return parsed
}

// allMethods stands for every registered method in a list of methods, or for the list.
const allMethods = "all"

// methodLists rewrites the suite's lists of methods as names. {NAME: {SETTING: VALUE}} becomes NAME(SETTING=VALUE), the
// name of such a method; settings belong to the one method of a composition that has some. "all" becomes every
// registered method but those that the list has with settings of its own.
func (c *checker) methodLists(root *yaml.Node) {
	lists := []*yaml.Node{value(root, "methods")}
	for _, entry := range value(root, "benchmarks").Content {
		lists = append(lists, value(entry, "methods"))
	}
	for _, list := range lists {
		switch {
		case list.Kind == yaml.ScalarNode && list.Value == allMethods:
			*list = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: list.Line, Content: c.names(list)}
		case list.Kind == yaml.SequenceNode:
			list.Content = c.listed(list.Content)
		}
	}
}

// listed returns the nodes that stand for a list of methods.
func (c *checker) listed(elements []*yaml.Node) (listed []*yaml.Node) {
	names, own := make([][]*yaml.Node, len(elements)), map[string]bool{}
	for i, element := range elements {
		names[i] = c.names(element)
		for _, n := range names[i] {
			if name, _, has := strings.Cut(n.Value, "("); has {
				own[name] = true
			}
		}
	}
	for i, element := range elements {
		for _, n := range names[i] {
			if element.Value != allMethods || !own[n.Value] {
				listed = append(listed, n)
			}
		}
	}
	return listed
}

// names returns the nodes that stand for an element of a list of methods.
func (c *checker) names(element *yaml.Node) []*yaml.Node {
	line, names := element.Line, []string{}
	if element.Kind == yaml.AliasNode {
		element = element.Alias
	}
	switch {
	case element.Kind == yaml.ScalarNode && element.Value == allMethods:
		names = methods.Names()
	case element.Kind == yaml.ScalarNode && element.ShortTag() != "!!null":
		return []*yaml.Node{element}
	default:
		names = append(names, c.inlined(element))
	}
	var nodes []*yaml.Node
	for _, name := range names {
		nodes = append(nodes, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: line})
	}
	return nodes
}

// inlined returns the name, or an empty one and adds a mistake.
func (c *checker) inlined(method *yaml.Node) string {
	if method.Kind != yaml.MappingNode || len(method.Content) != 2 || method.Content[1].Kind != yaml.MappingNode ||
		len(method.Content[1].Content) == 0 {
		c.add(method.Line, "methods: expected a name, or {NAME: {SETTING: VALUE}}")
		return ""
	}
	name, settings := method.Content[0].Value, method.Content[1].Content
	var list []string
	for i := 0; i+1 < len(settings); i += 2 {
		if settings[i+1].Kind != yaml.ScalarNode {
			c.add(settings[i].Line, "methods: setting %s of %s: expected one value", settings[i].Value, name)
			return ""
		}
		list = append(list, settings[i].Value+"="+settings[i+1].Value)
	}
	name, err := methods.WithSettings(name, list)
	if err != nil {
		c.add(method.Line, "%v", err)
	}
	return name
}

// value returns the value of a field of a mapping, or an empty node.
func value(node *yaml.Node, field string) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Kind == yaml.MappingNode && node.Content[i].Value == field {
			return node.Content[i+1]
		}
	}
	return &yaml.Node{}
}
