package datasets

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
)

// The columns of the Parquet files.
const (
	colID        = "id"
	colLabel     = "label"
	colImage     = "image"
	colSentence1 = "sentence1"
	colSentence2 = "sentence2"
)

// maxGroupBytes bounds the memory of a row group when samples are unusually large.
const maxGroupBytes = 64 << 20

// groupRows is the number of rows in a row group, the unit in which files are read: small for images, so that a
// reader holds a few megabytes, larger where a row is a few bytes.
func (m Modality) groupRows() int {
	if m == Image {
		return 256
	}
	return 4096
}

// inputColumns lists the columns that hold the input of a sample, beside its id and label.
func (m Modality) inputColumns() []string {
	switch m {
	case Image:
		return []string{colImage}
	case Text:
		return []string{colSentence1, colSentence2}
	}
	return nil
}

func (m Modality) columns() []string { return append([]string{colID, colLabel}, m.inputColumns()...) }

// arrowSchema is the schema of a split; the metadata of the label field carries its unit.
func arrowSchema(meta Meta) *arrow.Schema {
	unit := arrow.NewMetadata([]string{"unit"}, []string{meta.LabelSpace.Unit})
	fields := []arrow.Field{
		{Name: colID, Type: arrow.BinaryTypes.String},
		{Name: colLabel, Type: arrow.PrimitiveTypes.Float32, Metadata: unit},
	}
	for _, name := range meta.Modality.inputColumns() {
		var kind arrow.DataType = arrow.BinaryTypes.String
		if name == colImage {
			kind = arrow.BinaryTypes.Binary
		}
		fields = append(fields, arrow.Field{Name: name, Type: kind})
	}
	return arrow.NewSchema(fields, nil)
}

// writerProperties compresses text and leaves images, which are compressed already, as they are.
func writerProperties() *parquet.WriterProperties {
	return parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionFor(colImage, compress.Codecs.Uncompressed),
		parquet.WithStatsFor(colImage, false),
		parquet.WithDictionaryDefault(false),
	)
}

// physicalType is the Parquet type a column must have.
func physicalType(column string) parquet.Type {
	if column == colLabel {
		return parquet.Types.Float
	}
	return parquet.Types.ByteArray
}
