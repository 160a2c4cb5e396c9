// Package table reads columns of Parquet, Arrow, CSV, TSV and JSON Lines files, one row after another and by logical
// type: a decimal is its value, whatever stores it, and an unsigned number is never negative. A type that is not
// understood is refused by its name. Files of any origin may be damaged: they end in an error, not in a panic.
package table

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a caller wants of a column.
type Kind int

// The kinds. Key is an id: text, or a whole number by its digits. Image is the bytes of an image, a path, or a struct
// of both.
const (
	Number  Kind = iota // finite, in Value.Number
	Text                // UTF-8, in Value.Text
	Key                 // in Value.Text
	Binary              // in Value.Bytes
	Image               // in Value.Bytes or, where the column holds a path, in Value.Text
	Bool                // in Value.Bool
	Numbers             // a list, in Value.List
	Scalar              // a number or text, as text in Value.Text, or nothing: what checks its rows itself
	Any                 // a number, text, a truth value, a list of numbers or nothing: which one is in Value.Kind
)

var kindNames = [...]string{"a number", "text", "text or a whole number", "binary data",
	"an image (bytes, a path or a struct of both)", "true or false", "a list of numbers", "text or a number",
	"a number, text, true or false, or a list of numbers"}

// accepted are the forms of which each kind is made.
var accepted = [...][]form{
	{integerForm, realForm}, {textForm, binaryForm}, {textForm, binaryForm, integerForm}, {binaryForm},
	{binaryForm, textForm, pictureForm}, {boolForm}, {listForm}, {textForm, binaryForm, integerForm, realForm, boolForm},
	{integerForm, realForm, textForm, binaryForm, boolForm, listForm},
}

// String says what is expected, for messages.
func (k Kind) String() string { return kindNames[k] }

// Column names a column and says what is wanted of it. The fields of a struct have names such as "image.bytes". An
// optional one may be missing: its values are null.
type Column struct {
	Name     string
	Kind     Kind
	Optional bool
}

// Value is a cell, in the form that the kind of its column asks for. Slices are the caller's to keep.
type Value struct {
	Number float64
	Text   string
	Bytes  []byte
	Bool   bool
	List   []float32
	Null   bool // a missing value of an optional column, of a scalar or of any; of any also a number that is NaN
	// Kind, of a cell of any kind, is Number, Text, Bool or Numbers; Scalar for text of a CSV file, which may stand for
	// each of them.
	Kind Kind
}

// Field is a column of a file.
type Field struct {
	Name string
	Type string // as messages say it: "float32", "a struct (bytes, path)"
}

// ErrDamaged is the error of a file whose content contradicts itself.
var ErrDamaged = errors.New("damaged")

// source is an open file of one of the formats.
type source interface {
	fields() []Field
	// choose adds a column to those of a row and returns its type; false if there is none of that name. Rows need not have
	// an optional one.
	choose(name string, optional bool) (typ, bool)
	// next returns the chosen columns of the next row, or io.EOF. The row is valid until the next call.
	next() ([]cell, error)
	where() string // the place of the row that next returned, after the path: ":7" or ": row 6"; before it, of the header
	close() error
}

// File reads the rows of a file.
type File struct {
	path    string
	columns []Column
	chosen  []int // the position of each column among the cells of the source, -1 for one that is missing
	source  source
	row     []Value
}

// formats opens files by extension; a row of text may have so many bytes.
var formats = map[string]func(path string, file *os.File, longest int) (source, error){
	".parquet": func(path string, file *os.File, _ int) (source, error) { return newParquet(path, file) },
	".arrow":   func(path string, file *os.File, _ int) (source, error) { return newArrow(path, file) },
	".csv": func(path string, file *os.File, longest int) (source, error) {
		return newDelimited(path, file, csvRows, longest)
	},
	".tsv": func(path string, file *os.File, longest int) (source, error) {
		return newDelimited(path, file, tsvRows, longest)
	},
	".jsonl": func(path string, file *os.File, longest int) (source, error) {
		return newJSONLines(path, file, longest)
	},
}

// aliases are further extensions of the formats.
var aliases = map[string]string{
	".feather": ".arrow", ".ipc": ".arrow", ".arrows": ".arrow", ".pq": ".parquet", ".parq": ".parquet",
	".ndjson": ".jsonl", ".json": ".jsonl", ".tab": ".tsv",
}

// Format returns the extension that stands for the format of a file, ".parquet", ".arrow", ".csv", ".tsv" or ".jsonl";
// "" if its name tells of none of them.
func Format(path string) string {
	extension := strings.ToLower(filepath.Ext(path))
	if alias, ok := aliases[extension]; ok {
		return alias
	}
	if formats[extension] == nil {
		return ""
	}
	return extension
}

// Open opens a file and finds the columns in it. A column that is missing, is there twice, or is of a type that its
// kind cannot be made of, is an error.
func Open(path string, columns ...Column) (*File, error) {
	s, err := openSource(path, longestOf(columns))
	if err != nil {
		return nil, err
	}
	f, err := newFile(path, s, columns)
	if err != nil {
		s.close()
	}
	return f, err
}

// OpenText opens a text file that is read once, such as standard input, under a name for messages. It is CSV, TSV or
// JSON Lines by its first line.
func OpenText(name string, in io.Reader, columns ...Column) (*File, error) {
	s, err := newText(name, in, longestOf(columns))
	if err != nil {
		return nil, err
	}
	return newFile(name, s, columns)
}

// Fields lists the columns of a file.
func Fields(path string) ([]Field, error) {
	s, err := openSource(path, longestLine)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.fields(), nil
}

func openSource(path string, longest int) (source, error) {
	open := formats[Format(path)]
	if open == nil {
		return nil, fmt.Errorf("%s: expected a .parquet, .arrow, .csv, .tsv or .jsonl file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, fmt.Errorf("%s: a folder, expected a file", path)
	}
	var s source
	if err = checkContent(path, file); err == nil {
		s, err = open(path, file, longest)
	}
	if err != nil {
		file.Close()
	}
	return s, err
}

// contents are what files begin with, and the format that they must then have, if there is one.
var contents = []struct{ begin, what, format string }{
	{"PAR1", "a Parquet file", ".parquet"}, {"ARROW1", "an Arrow file", ".arrow"},
	{"\x1f\x8b", "compressed by gzip: unpack it", ""}, {"(\xb5/\xfd", "compressed by Zstandard: unpack it", ""},
	{"PK\x03\x04", "a zip archive or a spreadsheet: unpack it, or save it as CSV", ""},
	{"\xff\xfe", "text of UTF-16: save it as UTF-8", ""}, {"\xfe\xff", "text of UTF-16: save it as UTF-8", ""},
}

// checkContent refuses a file whose extension says another format than its first bytes.
func checkContent(path string, file io.ReaderAt) error {
	head := make([]byte, 8)
	n, _ := file.ReadAt(head, 0) // nothing of what cannot be read twice
	for _, c := range contents {
		if strings.HasPrefix(string(head[:n]), c.begin) && c.format != Format(path) {
			if c.format == "" {
				return fmt.Errorf("%s: the file is %s", path, c.what)
			}
			return fmt.Errorf("%s: the file is %s: let its name end in %s", path, c.what, c.format)
		}
	}
	return nil
}

func newFile(path string, s source, columns []Column) (*File, error) {
	f := &File{path: path, columns: columns, source: s, row: make([]Value, len(columns))}
	chosen := 0
	for _, c := range columns {
		t, ok := s.choose(c.Name, c.Optional)
		if !ok && c.Optional {
			f.chosen = append(f.chosen, -1)
			continue
		}
		if !ok {
			var names []string
			for _, field := range s.fields() {
				names = append(names, field.Name)
			}
			return nil, fmt.Errorf("%s%s: column %q is missing: there are %.1000s", path, s.where(), c.Name, JoinNames(names))
		}
		if n := countOf(s.fields(), c.Name); n > 1 {
			return nil, fmt.Errorf("%s%s: column %q is there %d times: rename all but one", path, s.where(), c.Name, n)
		}
		f.chosen = append(f.chosen, chosen)
		chosen++
		if t.form != untypedForm && !slices.Contains(accepted[c.Kind], t.form) {
			return nil, fmt.Errorf("%s: column %q is %s, expected %s", path, c.Name, t.name, c.Kind)
		}
	}
	return f, nil
}

// JoinNames lists names of columns as messages have them: in quotes where one has spaces at an end, or what does not
// print.
func JoinNames(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = name
		if quoted := strconv.Quote(name); name != strings.TrimSpace(name) || quoted[1:len(quoted)-1] != name {
			shown[i] = quoted
		}
	}
	return strings.Join(shown, ", ")
}

// countOf is how many columns have a name.
func countOf(fields []Field, name string) (n int) {
	for _, field := range fields {
		if field.Name == name {
			n++
		}
	}
	return n
}

// Next returns the columns of the next row, in the order in which Open was given them, or io.EOF. The slice is valid
// until the next call. An error names the file and the row.
func (f *File) Next() ([]Value, error) {
	cells, err := f.source.next()
	if err != nil {
		return nil, err
	}
	for i, c := range f.columns {
		if at := f.chosen[i]; at < 0 || c.Optional && cells[at].form == nullForm {
			f.row[i] = Value{Null: true}
		} else if f.row[i], err = cells[at].value(c.Kind); err != nil {
			return nil, fmt.Errorf("%s: column %q %w", f.Where(), c.Name, err)
		}
	}
	return f.row, nil
}

// Where is the place of the row that Next returned last: "faces.csv:7", "train.parquet: row 6".
func (f *File) Where() string { return f.path + f.source.where() }

// Close closes the file.
func (f *File) Close() error { return f.source.close() }

// NumbersOf returns the numbers of a column of a file.
func NumbersOf(path, column string) ([]float64, error) {
	f, err := Open(path, Column{Name: column, Kind: Number})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var numbers []float64
	for {
		row, err := f.Next()
		if err == io.EOF {
			return numbers, nil
		}
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, row[0].Number)
	}
}
