package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
)

// Data is a table in memory: columns of cells as text, all of one length; an empty cell is a missing value.
type Data struct {
	Names   []string
	Columns [][]string
}

// WriteFormats are the formats of [Data.Write].
var WriteFormats = []string{".csv", ".tsv", ".parquet", ".arrow"}

// Write writes the table in a format of WriteFormats. A column of a Parquet or Arrow file has 64-bit integers or real
// numbers where all its cells are such, else text.
func (d Data) Write(w io.Writer, format string) error {
	switch format {
	case ".csv":
		out := csv.NewWriter(w)
		d.rows(out.Write)
		out.Flush()
		return out.Error()
	case ".tsv":
		return d.writeTSV(w)
	case ".parquet", ".arrow":
		return d.writeArrow(w, format)
	}
	return fmt.Errorf("format %q: expected one of %s", format, strings.Join(WriteFormats, ", "))
}

// rows hands the header and all rows to write, until it fails.
func (d Data) rows(write func([]string) error) error {
	if err := write(d.Names); err != nil {
		return err
	}
	row := make([]string, len(d.Names))
	for at := range d.len() {
		for i, column := range d.Columns {
			row[i] = column[at]
		}
		if err := write(row); err != nil {
			return err
		}
	}
	return nil
}

func (d Data) len() int {
	if len(d.Columns) == 0 {
		return 0
	}
	return len(d.Columns[0])
}

func (d Data) writeTSV(w io.Writer) error {
	line := 0
	return d.rows(func(row []string) error {
		line++
		for i, cell := range row {
			if strings.ContainsAny(cell, "\t\r\n") {
				return fmt.Errorf("line %d: column %q is %.40q: a .tsv file cannot hold tabs and ends of lines: write .csv", line,
					d.Names[i], cell)
			}
		}
		_, err := io.WriteString(w, strings.Join(row, "\t")+"\n")
		return err
	})
}

func (d Data) writeArrow(w io.Writer, format string) (err error) {
	defer func() {
		if r := recover(); r != nil { // how Arrow's library reports some failures to write
			err = fmt.Errorf("the table cannot be written: %v", r)
		}
	}()
	fields, columns := make([]arrow.Field, len(d.Names)), make([]arrow.Array, len(d.Names))
	for i, cells := range d.Columns {
		columns[i] = typedColumn(cells)
		fields[i] = arrow.Field{Name: d.Names[i], Type: columns[i].DataType(), Nullable: true}
	}
	record := array.NewRecord(arrow.NewSchema(fields, nil), columns, int64(d.len()))
	defer record.Release()
	if format == ".arrow" {
		out := ipc.NewWriter(w, ipc.WithSchema(record.Schema()))
		if err := out.Write(record); err != nil {
			return err
		}
		return out.Close()
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
	out, err := pqarrow.NewFileWriter(record.Schema(), w, properties,
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return err
	}
	if err := out.Write(record); err != nil {
		return err
	}
	return out.Close()
}

// typedColumn gives cells the narrowest of the types integer, real number and text that all of them have.
func typedColumn(cells []string) arrow.Array {
	integers, reals := array.NewInt64Builder(memory.NewGoAllocator()), array.NewFloat64Builder(memory.NewGoAllocator())
	whole, real := true, true
	present := 0
	for _, cell := range cells {
		if MissingNumber(cell) {
			integers.AppendNull()
			reals.AppendNull()
			continue
		}
		present++
		i, err := strconv.ParseInt(cell, 10, 64)
		whole = whole && err == nil
		integers.Append(i)
		r, err := ParseNumber(cell)
		real = real && err == nil
		reals.Append(r)
		if !whole && !real {
			break
		}
	}
	switch {
	case present == 0:
	case whole:
		return integers.NewArray()
	case real:
		return reals.NewArray()
	}
	text := array.NewStringBuilder(memory.NewGoAllocator())
	for _, cell := range cells {
		if cell == "" {
			text.AppendNull()
		} else {
			text.Append(cell)
		}
	}
	return text.NewArray()
}
