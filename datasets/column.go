package datasets

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/parquet"
)

// ReadColumn returns the numbers of a column of any .parquet, .csv or .tsv file, the latter two with a header. A
// missing value and one that is not a finite number are errors, which name the file and the row.
func ReadColumn(path, name string) ([]float64, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".parquet":
		return parquetColumn(path, name)
	case ".csv":
		return delimitedColumn(path, name, csvRows)
	case ".tsv":
		return delimitedColumn(path, name, tsvRows)
	}
	return nil, fmt.Errorf("%s: expected a .parquet, .csv or .tsv file", path)
}

func parquetColumn(path, name string) ([]float64, error) {
	f, err := openParquet(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.close()
	schema := f.reader.MetaData().Schema
	var names []string
	for i := range schema.NumColumns() {
		leaf := schema.Column(i)
		if leaf.Path() != name {
			names = append(names, leaf.Path())
			continue
		}
		f.columns[name] = i
		return f.numbers(name, leaf.PhysicalType())
	}
	return nil, fmt.Errorf("%s: column %q is missing: there are %s", path, name, strings.Join(names, ", "))
}

// numbers reads a column of a numeric type.
func (f *parquetFile) numbers(name string, kind parquet.Type) ([]float64, error) {
	switch kind {
	case parquet.Types.Float:
		return convertColumn(f, name, func(v float32) float64 { return float64(v) })
	case parquet.Types.Double:
		return convertColumn(f, name, func(v float64) float64 { return v })
	case parquet.Types.Int32:
		return convertColumn(f, name, func(v int32) float64 { return float64(v) })
	case parquet.Types.Int64:
		return convertColumn(f, name, func(v int64) float64 { return float64(v) })
	}
	return nil, fmt.Errorf("%s: column %q is %s: expected numbers", f.path, name, kind)
}

func convertColumn[T any](f *parquetFile, name string, convert func(T) float64) ([]float64, error) {
	var numbers []float64
	for group := range f.groups() {
		values, err := readColumn[T](f, group, name)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			number := convert(v)
			if math.IsNaN(number) || math.IsInf(number, 0) {
				return nil, fmt.Errorf("%s: row %d: column %q is %v: expected a finite number", f.path, len(numbers)+1, name, number)
			}
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}

func delimitedColumn(path, name string, rows func(io.Reader) rowReader) ([]float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	numbers, err := readNumbers(rows(WithoutMark(file)), name)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return numbers, nil
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
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	line, blank := 0, 0
	return func() ([]string, int, error) {
		for lines.Scan() {
			line++
			switch {
			case lines.Text() == "":
				blank = cmp.Or(blank, line)
			case blank > 0:
				return nil, blank, errors.New("the line is blank")
			default:
				return strings.Split(lines.Text(), "\t"), line, nil
			}
		}
		return nil, line + 1, cmp.Or(lines.Err(), io.EOF)
	}
}

// readNumbers reads a column of a table with a header; errors begin with the line.
func readNumbers(next rowReader, name string) ([]float64, error) {
	header, _, err := next()
	if err != nil {
		return nil, errors.New("1: expected a header")
	}
	at := slices.Index(header, name)
	if at < 0 {
		return nil, fmt.Errorf("1: column %q is missing: there are %s", name, strings.Join(header, ", "))
	}
	var numbers []float64
	for {
		cells, line, err := next()
		if err == io.EOF {
			return numbers, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", line, err)
		}
		if at >= len(cells) {
			return nil, fmt.Errorf("%d: %d columns: column %q is missing", line, len(cells), name)
		}
		number, err := strconv.ParseFloat(strings.TrimSpace(cells[at]), 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			return nil, fmt.Errorf("%d: column %q is %.40q: expected a finite number", line, name, cells[at])
		}
		numbers = append(numbers, number)
	}
}
