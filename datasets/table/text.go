package table

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longestLine bounds the memory that a row of a text file takes; longestScalars does where no list, image or other bytes
// are asked for.
const longestLine, longestScalars = 256 << 20, 16 << 20

// rowLimit ends reading within a row that takes too much.
type rowLimit struct {
	in         io.Reader
	most, left int
	over       error // once a row took too much: a scanner still hands out what it has of it
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		l.over = fmt.Errorf("the row is longer than %d MiB", l.most>>20)
		return 0, l.over
	}
	n, err := l.in.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// begin is called before each row.
func (l *rowLimit) begin() { l.left = l.most }

// longestOf is how long a row may be, by what is asked for.
func longestOf(columns []Column) int {
	long := func(c Column) bool { return slices.Contains([]Kind{Binary, Image, Numbers, Any}, c.Kind) }
	if slices.ContainsFunc(columns, long) {
		return longestLine
	}
	return longestScalars
}

// WithoutMark drops the UTF-8 byte-order mark with which spreadsheets begin a text file.
func WithoutMark(r io.Reader) io.Reader {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		in.Discard(len(mark)) // they are in the buffer
	}
	return in
}

// rowReader returns the next row of a table and its line.
type rowReader func() (cells []string, line int, err error)

// csvRows reads rows with commas, cells in quotes where they need them.
func csvRows(r io.Reader) rowReader {
	rows := csv.NewReader(r)
	return func() ([]string, int, error) {
		cells, err := rows.Read()
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return nil, parse.Line, parse.Err
		} else if err != nil {
			return nil, 0, err
		}
		line, _ := rows.FieldPos(0)
		return cells, line, nil
	}
}

// tsvRows reads rows with tabs, in which a quote is a character as any other. Only the last lines may be blank.
func tsvRows(r io.Reader) rowReader {
	lines := newLines(r)
	return func() ([]string, int, error) {
		text, line, err := lines.next()
		return strings.Split(string(text), "\t"), line, err
	}
}

// lineReader reads lines, of which only the last may be blank.
type lineReader struct {
	lines       *bufio.Scanner
	line, blank int
}

func newLines(r io.Reader) *lineReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine+1)
	return &lineReader{lines: lines}
}

func (l *lineReader) next() (text []byte, line int, err error) {
	for l.lines.Scan() {
		l.line++
		switch text := l.lines.Bytes(); {
		case len(bytes.TrimSpace(text)) == 0:
			l.blank = cmp.Or(l.blank, l.line)
		case l.blank > 0:
			return nil, l.blank, errors.New("the line is blank")
		default:
			return text, l.line, nil
		}
	}
	return nil, l.line + 1, cmp.Or(l.lines.Err(), io.EOF)
}

// newText tells the format of a text by its first line.
func newText(name string, in io.Reader, longest int) (source, error) {
	peeked := bufio.NewReader(in)
	head, err := peeked.Peek(512)
	if len(head) == 0 && err != io.EOF {
		return nil, err
	}
	file := io.NopCloser(peeked)
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	switch {
	case len(head) == 0:
		return nil, fmt.Errorf("%s: expected a header or a JSON object, found nothing", name)
	case bytes.HasPrefix(head, []byte("PAR1")), bytes.HasPrefix(head, []byte("ARROW1")):
		return nil, fmt.Errorf("%s: a Parquet or Arrow file: expected its name", name)
	case bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")):
		return newJSONLines(name, file, longest)
	case bytes.Contains(line, []byte("\t")):
		return newDelimited(name, file, tsvRows, longest)
	}
	return newDelimited(name, file, csvRows, longest)
}

// delimited is a CSV or TSV file, whose first row names the columns.
type delimited struct {
	*rowLimit
	path   string
	file   io.Closer
	rows   rowReader
	header []string
	chosen []int
	line   int
	cells  []cell
}

func newDelimited(path string, file io.ReadCloser, rows func(io.Reader) rowReader, longest int) (source, error) {
	limit := &rowLimit{in: file, most: longest, left: longest}
	d := &delimited{rowLimit: limit, path: path, file: file, rows: rows(WithoutMark(limit)), line: 1}
	header, line, err := d.rows()
	if limit.over != nil {
		line, err = 1, limit.over
	}
	if err == io.EOF {
		return nil, fmt.Errorf("%s:1: expected a header", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, line, err)
	}
	if text := strings.Join(header, ""); !utf8.ValidString(text) || strings.Contains(text, "\x00") {
		return nil, fmt.Errorf("%s:1: the header is not UTF-8 text", path)
	}
	d.header = header
	return d, nil
}

func (d *delimited) fields() []Field {
	fields := make([]Field, len(d.header))
	for i, name := range d.header {
		fields[i] = Field{name, "untyped text"}
	}
	return fields
}

func (d *delimited) choose(name string, _ bool) (typ, bool) {
	at := slices.Index(d.header, name)
	if at >= 0 {
		d.chosen = append(d.chosen, at)
	}
	return typ{form: untypedForm}, at >= 0
}

func (d *delimited) next() ([]cell, error) {
	d.begin()
	row, line, err := d.rows()
	if d.over != nil {
		line, err = d.line+1, d.over
	}
	if err == io.EOF {
		return nil, err
	}
	if d.line = line; err != nil {
		return nil, fmt.Errorf("%s:%d: %w", d.path, line, err)
	}
	if len(row) > len(d.header) {
		return nil, fmt.Errorf("%s:%d: %d columns, but the header names %d", d.path, line, len(row), len(d.header))
	}
	d.cells = d.cells[:0]
	for _, at := range d.chosen {
		if at >= len(row) {
			return nil, fmt.Errorf("%s:%d: %d columns: column %q is missing", d.path, line, len(row), d.header[at])
		}
		d.cells = append(d.cells, cell{form: untypedForm, bytes: []byte(row[at])})
	}
	return d.cells, nil
}

func (d *delimited) where() string { return ":" + strconv.Itoa(d.line) }
func (d *delimited) close() error  { return d.file.Close() }

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
