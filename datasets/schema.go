package datasets

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"

	"github.com/dirbench/dirbench/datasets/table"
)

// Format is the format of the files of splits, by its extension.
type Format string

// The formats. An Arrow file (Arrow IPC, Feather version 2) is larger where samples are text, and opens everywhere.
const (
	Parquet Format = ".parquet"
	Arrow   Format = ".arrow"
)

// ParseFormat returns the format of a name, parquet or arrow.
func ParseFormat(name string) (Format, error) {
	if f := Format("." + name); f == Parquet || f == Arrow {
		return f, nil
	}
	return "", fmt.Errorf("%.20q: expected parquet or arrow", name)
}

// The columns of the files of splits. A signal dataset has a column for each channel group beside id and label.
const (
	colID        = "id"
	colLabel     = "label"
	colImage     = "image"
	colSentence1 = "sentence1"
	colSentence2 = "sentence2"
	colDepth     = "depth"
	colMask      = "mask"
	colSubset    = "subset"
	colFeatures  = "features"
)

// maxGroupBytes bounds the memory of a row group when samples are unusually large.
const maxGroupBytes = 64 << 20

// groupRows is the number of rows in a row group, the unit in which files are read: small for images, so that a
// reader holds a few megabytes, larger where a row is a few bytes.
func (m Modality) groupRows() int {
	switch m {
	case Image, Depth, Signal:
		return 256
	}
	return 4096
}

// column is a column of a split's file.
type column struct {
	name     string
	kind     table.Kind
	metadata arrow.Metadata
	size     int // of a list whose rows have all as many elements; 0: any
}

// arrowType is the type in which the column is written. Parquet has no lists of a fixed size.
func (c column) arrowType(format Format) arrow.DataType {
	if c.size > 0 && format == Arrow {
		return arrow.FixedSizeListOf(int32(c.size), arrow.PrimitiveTypes.Float32)
	}
	return arrowTypes[c.kind]
}

// arrowTypes are the types in which columns are written, by kind.
var arrowTypes = map[table.Kind]arrow.DataType{
	table.Key: arrow.BinaryTypes.String, table.Text: arrow.BinaryTypes.String,
	table.Image: arrow.BinaryTypes.Binary, table.Binary: arrow.BinaryTypes.Binary,
	table.Number: arrow.PrimitiveTypes.Float32, table.Bool: arrow.FixedWidthTypes.Boolean,
	table.Numbers: arrow.ListOfNonNullable(arrow.PrimitiveTypes.Float32),
}

var (
	idColumn    = column{name: colID, kind: table.Key}
	labelColumn = column{name: colLabel, kind: table.Number}
)

// columns lists the columns of a split's file. The metadata of the label and of the channel groups carry their units,
// that of a group its rate and channels too.
func (m Meta) columns() []column {
	label := labelColumn
	label.metadata = arrow.NewMetadata([]string{"unit"}, []string{m.LabelSpace.Unit})
	switch m.Modality {
	case Image:
		return []column{idColumn, label, {name: colImage, kind: table.Image}}
	case Text:
		pair := []column{idColumn, label, {name: colSentence1, kind: table.Text}, {name: colSentence2, kind: table.Text}}
		return pair[:2+m.SentenceCount()]
	case Depth:
		depth := column{name: colDepth, kind: table.Binary, metadata: arrow.NewMetadata([]string{"unit"}, []string{"mm"})}
		return []column{idColumn, {name: colImage, kind: table.Image}, depth, {name: colMask, kind: table.Binary},
			{name: colSubset, kind: table.Bool}}
	case Signal:
		columns := []column{idColumn, label}
		for _, group := range m.Groups {
			metadata := arrow.NewMetadata([]string{"unit", "rate", "channels"},
				[]string{group.Unit, strconv.FormatFloat(group.Rate, 'g', -1, 64), strings.Join(group.Channels, ",")})
			columns = append(columns, column{name: group.Name, kind: table.Numbers, metadata: metadata})
		}
		return columns
	case Table:
		return []column{idColumn, label, {name: colFeatures, kind: table.Numbers, size: FeatureWidth(m.Features)}}
	}
	return []column{idColumn, label}
}

// arrowSchema is the schema of a split in a format.
func arrowSchema(meta Meta, format Format) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range meta.columns() {
		fields = append(fields, arrow.Field{Name: c.name, Type: c.arrowType(format), Metadata: c.metadata})
	}
	return arrow.NewSchema(fields, nil)
}

// writerProperties compresses text and signals and leaves images, which are compressed already, as they are.
func writerProperties() *parquet.WriterProperties {
	properties := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithDictionaryDefault(false),
	}
	for _, name := range []string{colImage, colDepth, colMask} {
		properties = append(properties, parquet.WithCompressionFor(name, compress.Codecs.Uncompressed),
			parquet.WithStatsFor(name, false))
	}
	return parquet.NewWriterProperties(properties...)
}

// arrowOptions are those of an Arrow file, which has one compression for all columns: none where there are images.
func (m Meta) arrowOptions(schema *arrow.Schema) []ipc.Option {
	options := []ipc.Option{ipc.WithSchema(schema)}
	if m.Modality != Image && m.Modality != Depth {
		options = append(options, ipc.WithZstd())
	}
	return options
}
