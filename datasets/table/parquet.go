package table

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// parquetFile reads columns of a Parquet file side by side, in the caller's goroutine: Arrow's higher-level reader
// starts goroutines, in which its panics about damaged files could not be caught. It holds a page of each column.
type parquetFile struct {
	path    string
	size    int64
	reader  *file.Reader
	storage map[string]typ // types that only the Arrow schema tells of
	indices map[schema.Node]int
	chosen  []parquetColumn

	group, rows, row int      // current row group, its number of rows, the rows of it that were read
	total            int      // rows read of all groups
	readers          [][]leaf // by chosen column
	cells            []cell
}

// parquetColumn is a column and the leaves of its values: one or, of a picture, those of bytes and path, either of
// which may be absent (-1).
type parquetColumn struct {
	name string
	typ
	leaves []int
}

// guard turns a panic of Arrow's library, which damaged files cause, into an error; it is to be deferred.
func guard(path, format string, err *error) {
	r := recover()
	if _, fault := r.(interface{ Addr() uintptr }); fault {
		r = "it was cut off, or cannot be read, meanwhile"
	}
	if r != nil {
		*err = damaged(path, format, r)
	}
}

// unknownForm is how arrow's errors and panics say that it cannot read a form of file.
var unknownForm = regexp.MustCompile(`(un|not )(supported|implemented|handled)`)

// damaged tells a file that contradicts itself from one whose form the library does not know.
func damaged(path, format string, cause any) error {
	if err, ok := cause.(error); ok && errors.Is(err, errTooLarge) {
		return fmt.Errorf("%s: %w", path, errTooLarge)
	}
	text := fmt.Sprint(cause)
	if unknownForm.MatchString(text) {
		return fmt.Errorf("%s: this form of %s is not supported (%s)", path, format, text)
	}
	return fmt.Errorf("%s: %w %s file (%s)", path, ErrDamaged, format, text)
}

// inputFile is what a file is read from.
type inputFile interface {
	parquet.ReaderAtSeeker
	io.Reader
	io.Closer
}

func newParquet(path string, input inputFile) (f *parquetFile, err error) {
	defer guard(path, "Parquet", &err)
	size, err := input.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if end := make([]byte, 4); size >= 4 {
		if _, err := input.ReadAt(end, size-4); err == nil && string(end) == "PARE" {
			return nil, fmt.Errorf("%s: encrypted Parquet files are not supported", path)
		}
	}
	properties := parquet.NewReaderProperties(memory.NewGoAllocator())
	properties.BufferedStreamEnabled, properties.BufferSize = true, 64<<10
	reader, err := file.NewParquetReader(input, file.WithReadProps(properties))
	if err != nil {
		return nil, damaged(path, "Parquet", err)
	}
	f = &parquetFile{path: path, size: size, reader: reader, group: -1, indices: map[schema.Node]int{}}
	f.storage = arrowStorage(reader.MetaData().KeyValueMetadata())
	leaves := reader.MetaData().Schema
	for i := range leaves.NumColumns() {
		f.indices[leaves.Column(i).SchemaNode()] = i
	}
	return f, nil
}

func (f *parquetFile) close() error { return f.reader.Close() }

// rowPlace is the place of a row, from 1.
func rowPlace(row int) string {
	if row == 0 {
		return ""
	}
	return fmt.Sprintf(": row %d", row)
}

func (f *parquetFile) where() string { return rowPlace(f.total) }

func (f *parquetFile) choose(name string, _ bool) (typ, bool) {
	node := findNode(f.reader.MetaData().Schema.Root(), name)
	if node == nil {
		return typ{}, false
	}
	c := f.column(node)
	if t, ok := f.storage[name]; ok {
		c.typ = t
	}
	f.chosen = append(f.chosen, c)
	return c.typ, true
}

// findNode finds a column or, by a name with dots, a field of a struct.
func findNode(group *schema.GroupNode, name string) schema.Node {
	for i := range group.NumFields() {
		field := group.Field(i)
		if field.Name() == name {
			return field
		}
		inner, isGroup := field.(*schema.GroupNode)
		rest, below := strings.CutPrefix(name, field.Name()+".")
		if isGroup && below && isStruct(inner) {
			if found := findNode(inner, rest); found != nil {
				return found
			}
		}
	}
	return nil
}

// next steps through the rows of all groups.
func (f *parquetFile) next() (cells []cell, err error) {
	defer guard(f.path, "Parquet", &err)
	for f.row == f.rows {
		if f.group+1 >= f.reader.NumRowGroups() {
			return nil, io.EOF
		}
		f.group++
		if err := f.openGroup(); err != nil {
			return nil, err
		}
	}
	f.row++
	f.total++
	f.cells = f.cells[:0]
	for i, c := range f.chosen {
		value, err := c.read(f.readers[i])
		if err == io.EOF {
			err = fmt.Errorf("row group %d, column %q: %d of %d values", f.group, c.name, f.row-1, f.rows)
		}
		if err != nil {
			return nil, damaged(f.path, "Parquet", err)
		}
		f.cells = append(f.cells, value)
	}
	if f.row == f.rows {
		return f.cells, f.checkEnd()
	}
	return f.cells, nil
}

// checkEnd makes sure that no column of a row group has more values than the others.
func (f *parquetFile) checkEnd() error {
	for i, readers := range f.readers {
		for _, reader := range readers {
			if reader != nil && reader.more() {
				return damaged(f.path, "Parquet", fmt.Sprintf("row group %d, column %q: more than %d values", f.group,
					f.chosen[i].name, f.rows))
			}
		}
	}
	return nil
}

func (f *parquetFile) openGroup() error {
	group := f.reader.RowGroup(f.group)
	f.row, f.rows = 0, int(group.NumRows())
	if f.rows < 0 {
		return damaged(f.path, "Parquet", fmt.Sprintf("row group %d has %d rows", f.group, f.rows))
	}
	f.readers = f.readers[:0]
	for _, c := range f.chosen {
		var readers []leaf
		for _, at := range c.leaves {
			if at < 0 {
				readers = append(readers, nil)
				continue
			}
			reader, err := f.openLeaf(group, at, c)
			if err != nil {
				return err
			}
			readers = append(readers, reader)
		}
		f.readers = append(f.readers, readers)
	}
	return nil
}

func (f *parquetFile) openLeaf(group *file.RowGroupReader, at int, c parquetColumn) (leaf, error) {
	metadata, err := group.MetaData().ColumnChunk(at)
	if err != nil {
		return nil, damaged(f.path, "Parquet", err)
	}
	if metadata.TotalCompressedSize() > f.size {
		return nil, damaged(f.path, "Parquet", fmt.Sprintf("column %q is longer than the file", c.name))
	}
	if _, err := compress.GetCodec(metadata.Compression()); err != nil {
		return nil, fmt.Errorf("%s: column %q: the compression %v is not supported: write the file with zstd, snappy or gzip",
			f.path, c.name, metadata.Compression())
	}
	for _, encoding := range metadata.Encodings() {
		if !decodes(metadata.Type(), encoding) {
			return nil, fmt.Errorf("%s: column %q: the encoding %v of %v is not supported: write the file with plain or "+
				"dictionary encoding",
				f.path, c.name, encoding, metadata.Type())
		}
	}
	chunk, err := group.Column(at)
	if err != nil {
		return nil, damaged(f.path, "Parquet", err)
	}
	reader, err := newLeaf(chunk)
	if err != nil {
		return nil, damaged(f.path, "Parquet", err)
	}
	return reader, nil
}

// decodes reports whether Arrow's library reads an encoding of a type. What only levels have is among them.
func decodes(kind parquet.Type, encoding parquet.Encoding) bool {
	e, t := parquet.Encodings, parquet.Types
	switch encoding {
	case e.DeltaBinaryPacked:
		return kind == t.Int32 || kind == t.Int64
	case e.DeltaByteArray, e.DeltaLengthByteArray:
		return kind == t.ByteArray
	}
	return slices.Contains([]parquet.Encoding{e.Plain, e.PlainDict, e.RLEDict, e.RLE, e.BitPacked}, encoding)
}

// read returns the next value of a column.
func (c parquetColumn) read(readers []leaf) (cell, error) {
	switch c.form {
	case listForm:
		return readers[0].list()
	case pictureForm:
		return readPicture(readers[0], readers[1])
	}
	return readers[0].scalar()
}

// readPicture joins bytes and path; it is null where both are.
func readPicture(bytes, path leaf) (cell, error) {
	picture := cell{form: pictureForm}
	missing := true
	for i, reader := range []leaf{bytes, path} {
		if reader == nil {
			continue
		}
		part, err := reader.scalar()
		if err != nil {
			return cell{}, err
		}
		missing = missing && part.form == nullForm
		if i == 0 {
			picture.bytes = part.bytes
		} else {
			picture.path = part.bytes
		}
	}
	if missing {
		return cell{}, nil
	}
	return picture, nil
}
