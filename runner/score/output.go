package score

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"github.com/dirbench/dirbench/datasets/table"
)

// Output are predictions on their way out, in a form that [Read] takes.
type Output struct {
	IDs     []string
	Values  []float32
	Spreads []float32 // standard deviations, or nil
}

// Writer returns what writes them in the format of a file's name: .csv, .tsv, .jsonl or .parquet. Numbers in text have
// as many digits as tell them apart.
func (o Output) Writer(name string) (func(io.Writer) error, error) {
	switch table.Format(name) {
	case ".csv":
		return func(w io.Writer) error { return o.delimited(w, ',') }, nil
	case ".tsv":
		return func(w io.Writer) error { return o.delimited(w, '\t') }, nil
	case ".jsonl":
		return o.lines, nil
	case ".parquet":
		return o.parquet, nil
	}
	return nil, fmt.Errorf("%s: expected a name that ends in .csv, .tsv, .jsonl or .parquet", name)
}

func (o Output) delimited(w io.Writer, comma rune) error {
	rows := csv.NewWriter(w)
	rows.Comma = comma
	cells := []string{string(ID), string(Prediction)}
	if o.Spreads != nil {
		cells = append(cells, string(Spread))
	}
	if err := rows.Write(cells); err != nil {
		return err
	}
	for i, id := range o.IDs {
		cells[0], cells[1] = id, digits(o.Values[i])
		if o.Spreads != nil {
			cells[2] = digits(o.Spreads[i])
		}
		if err := rows.Write(cells); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

func digits(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }

func (o Output) lines(w io.Writer) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i, id := range o.IDs {
		row := struct {
			ID         string   `json:"id"`
			Prediction float32  `json:"prediction"`
			Spread     *float32 `json:"spread,omitempty"`
		}{ID: id, Prediction: o.Values[i]}
		if o.Spreads != nil {
			row.Spread = &o.Spreads[i]
		}
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (o Output) parquet(w io.Writer) error {
	fields := []arrow.Field{
		{Name: string(ID), Type: arrow.BinaryTypes.String}, {Name: string(Prediction), Type: arrow.PrimitiveTypes.Float32},
	}
	if o.Spreads != nil {
		fields = append(fields, arrow.Field{Name: string(Spread), Type: arrow.PrimitiveTypes.Float32})
	}
	schema := arrow.NewSchema(fields, nil)
	rows := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	rows.Field(0).(*array.StringBuilder).AppendValues(o.IDs, nil)
	rows.Field(1).(*array.Float32Builder).AppendValues(o.Values, nil)
	if o.Spreads != nil {
		rows.Field(2).(*array.Float32Builder).AppendValues(o.Spreads, nil)
	}
	properties := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDictionaryDefault(false))
	file, err := pqarrow.NewFileWriter(schema, w, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	if err := file.Write(rows.NewRecord()); err != nil {
		return err
	}
	return file.Close()
}
