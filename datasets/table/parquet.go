package table

import (
	"errors"
	"fmt"
	"io"
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

// damaged tells a file that contradicts itself from one whose form the library does not know.
func damaged(path, format string, cause any) error {
	text := fmt.Sprint(cause)
	for _, unknown := range []string{"unsupported", "unimplemented", "not implemented", "not handled"} {
		if strings.Contains(text, unknown) {
			return fmt.Errorf("%s: this form of %s is not supported (%s)", path, format, text)
		}
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
				return damaged(f.path, "Parquet", fmt.Sprintf("row group %d, column %q: more than %d values", f.group, f.chosen[i].name, f.rows))
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
			return nil, fmt.Errorf("%s: column %q: the encoding %v of %v is not supported: write the file with plain or dictionary encoding",
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

// leaf reads the values of a leaf of the schema in one row group.
type leaf interface {
	scalar() (cell, error)
	list() (cell, error)
	more() bool
}

// batchReader is what Arrow's typed column readers have in common.
type batchReader[T any] interface {
	file.ColumnChunkReader
	ReadBatch(size int64, values []T, definition, repetition []int16) (total int64, read int, err error)
}

// typedLeaf reads in small batches, so that a wrong number in a damaged file cannot ask for all the memory. Values are
// the caller's to keep: byte arrays share the memory of their page, which is left to the garbage collector.
type typedLeaf[T any] struct {
	chunk                  batchReader[T]
	cell                   func(T) cell
	number                 func(T) float32 // nil if values are no numbers
	values                 []T
	definition, repetition []int16
	at, levels, value      int // next level, number of levels, next value
	highest, empty         int16
	err                    error
}

func makeLeaf[T any](chunk file.ColumnChunkReader, batch int, cell func(T) cell, number func(T) float32) leaf {
	descriptor := chunk.Descriptor()
	if descriptor.MaxRepetitionLevel() > 0 {
		batch = 1 << 14
	}
	return &typedLeaf[T]{chunk: chunk.(batchReader[T]), cell: cell, number: number, values: make([]T, batch),
		definition: make([]int16, batch), repetition: make([]int16, batch),
		highest: descriptor.MaxDefinitionLevel(), empty: emptyLevel(descriptor.SchemaNode())}
}

// fill makes sure that there is a next level; false at the end and after an error.
func (l *typedLeaf[T]) fill() bool {
	if l.at < l.levels {
		return true
	}
	if l.err != nil || !l.chunk.HasNext() {
		l.err = errors.Join(l.err, l.chunk.Err())
		return false
	}
	total, _, err := l.chunk.ReadBatch(int64(len(l.values)), l.values, l.definition, l.repetition)
	l.at, l.levels, l.value, l.err = 0, int(total), 0, err
	return err == nil && total > 0
}

// end is why there is no next level.
func (l *typedLeaf[T]) end() error {
	if l.err != nil {
		return l.err
	}
	return io.EOF
}

func (l *typedLeaf[T]) more() bool { return l.fill() || l.err != nil }

func (l *typedLeaf[T]) scalar() (cell, error) {
	if !l.fill() {
		return cell{}, l.end()
	}
	l.at++
	if l.definition[l.at-1] < l.highest {
		return cell{}, nil
	}
	l.value++
	return l.cell(l.values[l.value-1]), nil
}

// list assembles a list from values and levels: a new one begins where the repetition level is 0, and holds a value
// where the definition level is the highest.
func (l *typedLeaf[T]) list() (cell, error) {
	if !l.fill() {
		return cell{}, l.end()
	}
	if l.repetition[l.at] != 0 {
		return cell{}, errors.New("a list has no beginning")
	}
	list := cell{form: listForm}
	if l.definition[l.at] < l.empty {
		list.form = nullForm
	}
	if l.definition[l.at] <= l.empty {
		l.at++
		return list, nil
	}
	for first := true; (first || l.fill()) && (first || l.repetition[l.at] != 0); first = false {
		if l.definition[l.at] < l.highest {
			return cell{form: otherForm, name: fmt.Sprintf("a list whose item %d is null", len(list.list)+1)}, l.skipList()
		}
		list.list = append(list.list, l.number(l.values[l.value]))
		l.at++
		l.value++
	}
	return list, l.err
}

// skipList goes to the end of a list that cannot be read.
func (l *typedLeaf[T]) skipList() error {
	for first := true; (first || l.fill()) && (first || l.repetition[l.at] != 0); first = false {
		if l.definition[l.at] == l.highest {
			l.value++
		}
		l.at++
	}
	return l.err
}
