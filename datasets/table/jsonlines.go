package table

import (
	"bytes"
	"cmp"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// jsonLines is a file with a JSON object in each line.
type jsonLines struct {
	*rowLimit
	path   string
	file   io.Closer
	lines  *lineReader
	first  []byte   // line, until it is read as a row
	names  []string // of the first line
	chosen []jsonColumn
	line   int
	cells  []cell
}

// jsonColumn is a column that is asked for; an optional one may be missing in any line.
type jsonColumn struct {
	name     string
	optional bool
}

func newJSONLines(path string, file io.ReadCloser, longest int) (source, error) {
	limit := &rowLimit{in: file, most: longest, left: longest}
	j := &jsonLines{rowLimit: limit, path: path, file: file, lines: newLines(WithoutMark(limit)), line: 1}
	text, line, err := j.lines.next()
	err = cmp.Or(limit.over, err)
	if err == io.EOF {
		return nil, fmt.Errorf("%s:1: expected a JSON object in each line", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, line, err)
	}
	j.first = bytes.Clone(text)
	if _, err := jsonObject(text); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, line, err)
	}
	j.names = jsonNames(text)
	return j, nil
}

// jsonNames returns the names of an object, which has been parsed before, in their order.
func jsonNames(text []byte) (names []string) {
	in := jsontext.NewDecoder(bytes.NewReader(text))
	in.ReadToken()
	for in.PeekKind() == '"' {
		name, _ := in.ReadToken()
		names = append(names, name.String())
		in.SkipValue()
	}
	return names
}

// jsonObject returns the values of an object by their names, of which none may come twice.
func jsonObject(text []byte) (map[string]jsontext.Value, error) {
	var object map[string]jsontext.Value
	err := json.Unmarshal(text, &object)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax) && syntax.Err == jsontext.ErrDuplicateName:
		return nil, fmt.Errorf("column %.40q comes twice in the object", syntax.JSONPointer.LastToken())
	case err != nil || object == nil:
		return nil, errors.New("expected a JSON object in each line")
	}
	return object, nil
}

func (j *jsonLines) fields() []Field {
	fields := make([]Field, len(j.names))
	for i, name := range j.names {
		fields[i] = Field{name, "JSON"}
	}
	return fields
}

func (j *jsonLines) choose(name string, optional bool) (typ, bool) {
	j.chosen = append(j.chosen, jsonColumn{name, optional})
	return typ{form: untypedForm}, optional || slices.Contains(j.names, name)
}

func (j *jsonLines) next() ([]cell, error) {
	text, line, err := j.first, 1, error(nil)
	if j.first = nil; text == nil {
		j.begin()
		text, line, err = j.lines.next()
		err = cmp.Or(j.over, err)
	}
	if err == io.EOF {
		return nil, err
	}
	j.line = line
	var object map[string]jsontext.Value
	if err == nil {
		object, err = jsonObject(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", j.path, line, err)
	}
	j.cells = j.cells[:0]
	for _, c := range j.chosen {
		switch raw, ok := object[c.name]; {
		case ok:
			j.cells = append(j.cells, jsonCell(raw))
		case c.optional:
			j.cells = append(j.cells, cell{})
		default:
			return nil, fmt.Errorf("%s:%d: column %q is missing", j.path, line, c.name)
		}
	}
	return j.cells, nil
}

// jsonCell tells the form of a value by its first character.
func jsonCell(raw jsontext.Value) cell {
	switch raw[0] {
	case 'n':
		return cell{}
	case 't', 'f':
		return cell{form: boolForm, truth: raw[0] == 't'}
	case '"':
		var text string
		json.Unmarshal(raw, &text) // the line was parsed
		return cell{form: textForm, bytes: []byte(text)}
	case '[':
		list, ok := jsonNumbers(raw)
		if !ok {
			return cell{form: otherForm, name: "a list that does not hold numbers only"}
		}
		return cell{form: listForm, list: list}
	case '{':
		return cell{form: otherForm, name: "an object"}
	}
	if whole, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return integerCell(whole)
	}
	if whole, err := strconv.ParseUint(string(raw), 10, 64); err == nil {
		return unsignedCell(whole)
	}
	number, _ := strconv.ParseFloat(string(raw), 64) // infinite if it is too large
	return realCell(number)
}

// ParseNumbers reads a list of numbers as a CSV file has it: "[0.5, 1]".
func ParseNumbers(text string) ([]float32, bool) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return nil, false
	}
	return jsonNumbers([]byte(text))
}

// jsonNumbers reads a list of numbers, of which none is null.
func jsonNumbers(text []byte) ([]float32, bool) {
	var list []*float32
	if err := json.Unmarshal(text, &list); err != nil || list == nil || slices.Contains(list, nil) {
		return nil, false
	}
	numbers := make([]float32, len(list))
	for i, v := range list {
		numbers[i] = *v
	}
	return numbers, true
}

func (j *jsonLines) where() string { return ":" + strconv.Itoa(j.line) }
func (j *jsonLines) close() error  { return j.file.Close() }
