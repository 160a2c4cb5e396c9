package store

import (
	"fmt"
	"io"
	"iter"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"github.com/dirbench/dirbench/datasets"
)

// Prediction is one row of predictions.parquet: a sample or, of a dense label, an evaluated pixel with the id
// "FRAME@x,y". Label, Prediction and Spread are in label units, Bin is the label's bin.
type Prediction struct {
	ID         string
	Split      datasets.Split
	Label      float32
	Prediction float32
	Spread     float32 // standard deviation; 0 where the file has no such column
	Bin        int32
}

// rowGroupRows bounds the rows that writing holds in memory.
const rowGroupRows = 1 << 16

// The columns, none of them nullable: id, split, label, prediction and bin; of a method that knows it spread before
// bin.
var (
	predictionSchema = schemaOf(stringColumn("id"), stringColumn("split"), floatColumn("label"), floatColumn("prediction"),
		binColumn)
	spreadSchema = schemaOf(stringColumn("id"), stringColumn("split"), floatColumn("label"), floatColumn("prediction"),
		floatColumn("spread"), binColumn)
	binColumn = schema.NewInt32Node("bin", parquet.Repetitions.Required, -1)
)

func schemaOf(columns ...schema.Node) *schema.GroupNode {
	return schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, columns, -1))
}

func floatColumn(name string) schema.Node {
	return schema.NewFloat32Node(name, parquet.Repetitions.Required, -1)
}

func stringColumn(name string) schema.Node {
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required,
		schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
}

// WritePredictions writes rows to a Parquet file, atomically as WriteFile does and one row group at a time. The bytes
// depend on nothing but the rows.
func WritePredictions(path string, rows iter.Seq[Prediction]) error {
	return writePredictions(path, predictionSchema, rows)
}

// WriteSpreads is WritePredictions with the column spread.
func WriteSpreads(path string, rows iter.Seq[Prediction]) error {
	return writePredictions(path, spreadSchema, rows)
}

func writePredictions(path string, columns *schema.GroupNode, rows iter.Seq[Prediction]) error {
	return WriteFile(path, func(w io.Writer) error {
		var pw *file.Writer
		err := guard(func() error {
			pw = file.NewParquetWriter(w, columns, file.WithWriterProps(parquet.NewWriterProperties(
				parquet.WithCompression(compress.Codecs.Snappy),
				parquet.WithDictionaryFor("id", false), // ids never repeat
			)))
			return nil
		})
		if err != nil {
			return err
		}
		group := predictionColumns{schema: columns}
		for row := range rows {
			group.add(row)
			if len(group.bins) == rowGroupRows {
				if err := group.flush(pw); err != nil {
					return err
				}
			}
		}
		if err := group.flush(pw); err != nil {
			return err
		}
		return guard(pw.Close)
	})
}

// predictionColumns is a row group before it is written.
type predictionColumns struct {
	schema                 *schema.GroupNode
	ids, splits            []parquet.ByteArray
	labels, preds, spreads []float32
	bins                   []int32
}

func (c *predictionColumns) add(p Prediction) {
	c.ids = append(c.ids, parquet.ByteArray(p.ID))
	c.splits = append(c.splits, parquet.ByteArray(p.Split))
	c.labels = append(c.labels, p.Label)
	c.preds = append(c.preds, p.Prediction)
	c.spreads = append(c.spreads, p.Spread)
	c.bins = append(c.bins, p.Bin)
}

// flush writes the rows as a row group and empties the buffers; no rows are no row group.
func (c *predictionColumns) flush(w *file.Writer) error {
	if len(c.bins) == 0 {
		return nil
	}
	err := guard(func() error {
		rg := w.AppendRowGroup()
		for i := range c.schema.NumFields() {
			col, err := rg.NextColumn()
			if err != nil {
				return err
			}
			if err := c.write(c.schema.Field(i).Name(), col); err != nil {
				return err
			}
			if err := col.Close(); err != nil {
				return err
			}
		}
		return rg.Close()
	})
	*c = predictionColumns{
		schema: c.schema, ids: c.ids[:0], splits: c.splits[:0], labels: c.labels[:0], preds: c.preds[:0],
		spreads: c.spreads[:0], bins: c.bins[:0],
	}
	return err
}

func (c *predictionColumns) write(name string, col file.ColumnChunkWriter) (err error) {
	switch name {
	case "id":
		_, err = col.(*file.ByteArrayColumnChunkWriter).WriteBatch(c.ids, nil, nil)
	case "split":
		_, err = col.(*file.ByteArrayColumnChunkWriter).WriteBatch(c.splits, nil, nil)
	case "label":
		_, err = col.(*file.Float32ColumnChunkWriter).WriteBatch(c.labels, nil, nil)
	case "prediction":
		_, err = col.(*file.Float32ColumnChunkWriter).WriteBatch(c.preds, nil, nil)
	case "spread":
		_, err = col.(*file.Float32ColumnChunkWriter).WriteBatch(c.spreads, nil, nil)
	case "bin":
		_, err = col.(*file.Int32ColumnChunkWriter).WriteBatch(c.bins, nil, nil)
	}
	return err
}

// guard turns the panics with which the Parquet library answers damaged files and failing writers into errors.
func guard(call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parquet: %v", r)
		}
	}()
	return call()
}
