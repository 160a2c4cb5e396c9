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
// "FRAME@x,y". Label and Prediction are in label units, Bin is the label's bin.
type Prediction struct {
	ID         string
	Split      datasets.Split
	Label      float32
	Prediction float32
	Bin        int32
}

// rowGroupRows bounds the rows that writing holds in memory.
const rowGroupRows = 1 << 16

// predictionSchema is the columns id, split, label, prediction and bin, none of them nullable.
var predictionSchema = schema.MustGroup(schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{
	stringColumn("id"),
	stringColumn("split"),
	schema.NewFloat32Node("label", parquet.Repetitions.Required, -1),
	schema.NewFloat32Node("prediction", parquet.Repetitions.Required, -1),
	schema.NewInt32Node("bin", parquet.Repetitions.Required, -1),
}, -1))

func stringColumn(name string) schema.Node {
	return schema.MustPrimitive(schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Required,
		schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1))
}

// WritePredictions writes rows to a Parquet file, atomically as WriteFile does and one row group at a time. The bytes
// depend on nothing but the rows.
func WritePredictions(path string, rows iter.Seq[Prediction]) error {
	return WriteFile(path, func(w io.Writer) error {
		var pw *file.Writer
		err := guard(func() error {
			pw = file.NewParquetWriter(w, predictionSchema, file.WithWriterProps(parquet.NewWriterProperties(
				parquet.WithCompression(compress.Codecs.Snappy),
				parquet.WithDictionaryFor("id", false), // ids never repeat
			)))
			return nil
		})
		if err != nil {
			return err
		}
		var group predictionColumns
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
	ids, splits   []parquet.ByteArray
	labels, preds []float32
	bins          []int32
}

func (c *predictionColumns) add(p Prediction) {
	c.ids = append(c.ids, parquet.ByteArray(p.ID))
	c.splits = append(c.splits, parquet.ByteArray(p.Split))
	c.labels = append(c.labels, p.Label)
	c.preds = append(c.preds, p.Prediction)
	c.bins = append(c.bins, p.Bin)
}

// flush writes the rows as a row group and empties the buffers; no rows are no row group.
func (c *predictionColumns) flush(w *file.Writer) error {
	if len(c.bins) == 0 {
		return nil
	}
	err := guard(func() error {
		rg := w.AppendRowGroup()
		for i := range predictionSchema.NumFields() {
			col, err := rg.NextColumn()
			if err != nil {
				return err
			}
			if err := c.write(i, col); err != nil {
				return err
			}
			if err := col.Close(); err != nil {
				return err
			}
		}
		return rg.Close()
	})
	*c = predictionColumns{
		ids: c.ids[:0], splits: c.splits[:0], labels: c.labels[:0], preds: c.preds[:0], bins: c.bins[:0],
	}
	return err
}

func (c *predictionColumns) write(i int, col file.ColumnChunkWriter) (err error) {
	switch i {
	case 0:
		_, err = col.(*file.ByteArrayColumnChunkWriter).WriteBatch(c.ids, nil, nil)
	case 1:
		_, err = col.(*file.ByteArrayColumnChunkWriter).WriteBatch(c.splits, nil, nil)
	case 2:
		_, err = col.(*file.Float32ColumnChunkWriter).WriteBatch(c.labels, nil, nil)
	case 3:
		_, err = col.(*file.Float32ColumnChunkWriter).WriteBatch(c.preds, nil, nil)
	case 4:
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
