package plan

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/methods"
)

// Mistake is something wrong in a suite file.
type Mistake struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1
	Message string `json:"message"`
}

func (m Mistake) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Message) }

// Mistakes returns everything that [ParseSuite] refuses in a suite, by line; none if it accepts it.
func Mistakes(file string, content []byte) []Mistake {
	_, err := ParseSuite(file, content)
	if err == nil {
		return nil
	}
	found := (&mistakes{file: file}).find(content)
	if len(found) == 0 {
		found = []Mistake{{file, 1, strings.TrimPrefix(err.Error(), "suite "+file+": ")}}
	}
	slices.SortStableFunc(found, func(a, b Mistake) int { return a.Line - b.Line })
	return found
}

type mistakes struct {
	file string
	list []Mistake
}

func (m *mistakes) find(content []byte) []Mistake {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		m.add(1, strings.TrimPrefix(err.Error(), "yaml: "))
		return m.list
	}
	suite := &Suite{Fidelity: task.Paper}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	var types *yaml.TypeError
	err := withoutPanic(func() error { return decoder.Decode(suite) })
	if errors.As(err, &types) {
		for _, e := range types.Errors {
			m.add(1, unknownField.ReplaceAllString(e, "is unknown"))
		}
	}
	if err != nil || len(document.Content) == 0 {
		return m.list
	}
	if err := checkDocument(content, suite); err != nil {
		m.add(1, err.Error())
	}
	m.suite(document.Content[0], suite)
	return m.list
}

// embeddedLine is how YAML errors begin, some of them after the field that holds the line.
var embeddedLine = regexp.MustCompile(`line (\d+): `)

// add adds a mistake; a line that the message names itself goes before the given one.
func (m *mistakes) add(line int, message string) {
	if at := embeddedLine.FindStringSubmatch(message); at != nil {
		line, _ = strconv.Atoi(at[1])
		message = strings.Replace(message, at[0], "", 1)
	}
	m.list = append(m.list, Mistake{m.file, line, strings.Join(strings.Fields(message), " ")})
}

// suite checks the values of a suite that decodes.
func (m *mistakes) suite(node *yaml.Node, suite *Suite) {
	m.methods(value(node, "methods"), suite.Methods)
	entries := value(node, "benchmarks")
	for i := range suite.Entries {
		at := entries
		if i < len(entries.Content) {
			at = entries.Content[i]
		}
		m.entry(at, suite.Entries[i], len(suite.Methods) > 0)
	}
	head := *suite
	if len(suite.Entries) > 0 { // one without a mistake in place of them
		head.Entries = []Entry{{Benchmark: benchmarks.Names()[0], Scale: benchmarks.ScaleNames[0], Methods: []string{"vanilla"}}}
	}
	if err := head.resolve(); err != nil {
		m.at(node, err)
	}
}

// entry checks the methods of a benchmark one by one, and everything else.
func (m *mistakes) entry(node *yaml.Node, entry Entry, inherits bool) {
	m.methods(value(node, "methods"), entry.Methods)
	known := []string{"vanilla"}
	if len(entry.Methods) == 0 && !inherits {
		known = nil
	}
	entry.Methods = nil
	if err := entry.resolve(known, task.Paper); err != nil {
		m.at(node, err)
	}
}

func (m *mistakes) methods(list *yaml.Node, names []string) {
	for i, name := range names {
		if _, err := methods.Parse(name); err != nil {
			line := list.Line
			if i < len(list.Content) {
				line = list.Content[i].Line
			}
			m.add(line, err.Error())
		}
	}
}

// at adds an error about a field, whose name it begins with, of a mapping.
func (m *mistakes) at(node *yaml.Node, err error) {
	field, _, _ := strings.Cut(err.Error(), " ")
	line := node.Line
	if v := value(node, strings.TrimSuffix(field, ":")); v.Line > 0 {
		line = v.Line
	}
	m.add(line, err.Error())
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
