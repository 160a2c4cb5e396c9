package table

import (
	"bufio"
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

// jsonLines is a file with a JSON object in each line, or with an array of objects.
type jsonLines struct {
	*rowLimit
	path    string
	file    io.Closer
	objects func() (text []byte, at int, err error) // at is a line or, in an array, a row
	place   func(at int) string
	first   []byte   // object, until it is read as a row
	names   []string // of the first one
	chosen  []jsonColumn
	at      int // of the object that was read last
	cells   []cell
}

// jsonColumn is a column that is asked for; an optional one may be missing in any line.
type jsonColumn struct {
	name     string
	optional bool
}

func newJSONLines(path string, file io.ReadCloser, longest int) (source, error) {
	limit := &rowLimit{in: file, most: longest, left: longest}
	j := &jsonLines{rowLimit: limit, path: path, file: file}
	in := bufio.NewReader(WithoutMark(limit))
	if j.objects, j.place = newLines(in).next, linePlace; beginsArray(in) {
		j.objects, j.place = jsonElements(in), rowPlace
	}
	text, err := j.read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s%s: expected a JSON object in each line, or an array of them", path, j.place(1))
	}
	if err == nil {
		j.first = bytes.Clone(text)
		_, err = jsonObject(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", path, j.where(), err)
	}
	j.names = jsonNames(text)
	return j, nil
}

// read returns the next object.
func (j *jsonLines) read() (text []byte, err error) {
	j.begin()
	text, j.at, err = j.objects()
	return text, cmp.Or(j.over, err)
}

func linePlace(line int) string { return ":" + strconv.Itoa(line) }

// beginsArray reports whether the first character but for white space begins an array.
func beginsArray(in *bufio.Reader) bool {
	head, _ := in.Peek(4 << 10)
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("["))
}

// jsonElements returns the elements of an array one after another.
func jsonElements(in io.Reader) func() (text []byte, at int, err error) {
	decoder, row := jsontext.NewDecoder(in), 0
	return func() ([]byte, int, error) {
		if row++; row == 1 {
			decoder.ReadToken() // the bracket
		}
		if decoder.PeekKind() == ']' {
			decoder.ReadToken()
			if _, err := decoder.ReadToken(); err != io.EOF {
				return nil, row, errors.New("expected nothing after the array")
			}
			return nil, row, io.EOF
		}
		text, err := decoder.ReadValue()
		switch {
		case err != nil:
			err = fmt.Errorf("damaged JSON (%w)", err)
		case text[0] != '{':
			err = errors.New("expected a JSON object")
		}
		return text, row, err
	}
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

var errNoObject = errors.New("expected a JSON object in each line")

// jsonObject returns the values of an object by their names, of which none may come twice.
func jsonObject(text []byte) (map[string]jsontext.Value, error) {
	var object map[string]jsontext.Value
	err := json.Unmarshal(text, &object)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax) && syntax.Err == jsontext.ErrDuplicateName:
		return nil, fmt.Errorf("column %.40q comes twice in the object", syntax.JSONPointer.LastToken())
	case err != nil || object == nil:
		return nil, errNoObject
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
	text, err := j.first, error(nil)
	if j.first = nil; text == nil {
		text, err = j.read()
	}
	if err == io.EOF {
		return nil, err
	}
	var object map[string]jsontext.Value
	if err == nil {
		object, err = jsonObject(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", j.path, j.where(), err)
	}
	j.cells = j.cells[:0]
	for _, c := range j.chosen {
		switch raw, ok := object[c.name]; {
		case ok:
			j.cells = append(j.cells, jsonCell(raw))
		case c.optional:
			j.cells = append(j.cells, cell{})
		default:
			return nil, fmt.Errorf("%s%s: column %q is missing", j.path, j.where(), c.name)
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

func (j *jsonLines) where() string { return j.place(j.at) }
func (j *jsonLines) close() error  { return j.file.Close() }
