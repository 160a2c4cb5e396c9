package table

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longestLine bounds the memory that a row of a text file takes; longestScalars does where no list, image or other
// bytes are asked for.
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

// csvRows reads rows with commas, or what separates the names of the header, cells in quotes where they need them.
func csvRows(r io.Reader) rowReader {
	in := bufio.NewReaderSize(r, 64<<10)
	header, _ := in.Peek(64 << 10) // or all there is
	rows := csv.NewReader(in)
	rows.Comma = separator(header)
	return func() ([]string, int, error) {
		cells, err := rows.Read()
		if rows.Comma == ';' && err == nil {
			if i := slices.IndexFunc(cells, decimalComma.MatchString); i >= 0 {
				err = fmt.Errorf("%q has a decimal comma: write numbers with a point", cells[i])
			}
		}
		var parse *csv.ParseError
		switch {
		case errors.Is(err, csv.ErrFieldCount) && errors.As(err, &parse):
			return nil, parse.Line, fmt.Errorf("number of fields: %d, not %d as in the header", len(cells), rows.FieldsPerRecord)
		case errors.Is(err, csv.ErrQuote) && errors.As(err, &parse): // the reader looks for the closing quote up to the end
			return nil, parse.StartLine, errors.New(`a quote is not closed, or not doubled inside a quoted field`)
		case errors.As(err, &parse):
			return nil, parse.Line, parse.Err
		case cells == nil:
			return nil, 0, err
		}
		line, _ := rows.FieldPos(0)
		return cells, line, err
	}
}

// decimalComma is what may be a number in a file with semicolons, or a thousand and more: nobody can tell.
var decimalComma = regexp.MustCompile(`^[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?$`)

// separator returns what stands between the names of a header: a comma or, where there is none, a semicolon or a tab.
func separator(header []byte) rune {
	found, quoted := ',', false
	for _, b := range header {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == ',':
			return ','
		case b == '\n':
			return found
		case (b == ';' || b == '\t') && found == ',':
			found = rune(b)
		}
	}
	return found
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
	case bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")), bytes.HasPrefix(bytes.TrimSpace(line), []byte("[")):
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
		return nil, fmt.Errorf("%s:1: the header is not UTF-8 text: save the file as UTF-8", path)
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
