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
func (c *checker) methods(list *yaml.Node, names []string) (parsed []methods.Method) {
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
