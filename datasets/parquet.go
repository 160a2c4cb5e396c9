package datasets

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
)

// parquetFile reads named columns of a Parquet file, one row group at a time and in the caller's goroutine: Arrow's
// higher-level reader starts goroutines, in which its panics about damaged files could not be caught.
type parquetFile struct {
	path    string
	size    int64
	reader  *file.Reader
	columns map[string]int
}

// guardParquet turns a panic of the Parquet library, which damaged files cause, into an error; it is to be deferred.
func guardParquet(path string, err *error) {
	if r := recover(); r != nil {
		*err = damaged(path, r)
	}
}

func damaged(path string, cause any) error {
	return fmt.Errorf("%s: damaged Parquet file (%v): make the dataset again with dirbench data", path, cause)
}

// openParquet opens the file at path, which must have the given columns.
func openParquet(path string, columns []column) (*parquetFile, error) {
	source, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: the file is missing: make the dataset again with dirbench data", path)
	}
	if err != nil {
		return nil, err
	}
	f, err := newParquetFile(path, source, columns)
	if err != nil {
		source.Close()
	}
	return f, err
}

func newParquetFile(path string, source parquet.ReaderAtSeeker, columns []column) (f *parquetFile, err error) {
	defer guardParquet(path, &err)
	reader, err := file.NewParquetReader(source, file.WithReadProps(parquet.NewReaderProperties(memory.NewGoAllocator())))
	if err != nil {
		return nil, damaged(path, err)
	}
	size, err := source.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	f = &parquetFile{path: path, size: size, reader: reader, columns: map[string]int{}}
	for _, c := range columns {
		if f.columns[c.name], err = f.find(c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return f, nil
}

func (f *parquetFile) close() { f.reader.Close() }

func (f *parquetFile) groups() int { return f.reader.NumRowGroups() }

// find returns the leaf of a column: a list has its values in a leaf below.
func (f *parquetFile) find(c column) (int, error) {
	schema := f.reader.MetaData().Schema
	for i := range schema.NumColumns() {
		leaf := schema.Column(i)
		if leaf.ColumnPath()[0] != c.name {
			continue
		}
		list := leaf.MaxRepetitionLevel() > 0
		if want := physicalTypes[c.kind]; leaf.PhysicalType() != want || list != (c.kind == listColumn) {
			return 0, fmt.Errorf("column %q is %s, expected %s", c.name, form(leaf.PhysicalType(), list), form(want, c.kind == listColumn))
		}
		return i, nil
	}
	return 0, fmt.Errorf("column %q is missing", c.name)
}

// form describes a column's type.
func form(kind parquet.Type, list bool) string {
	if list {
		return "a list of " + kind.String()
	}
	return kind.String()
}

// batchReader is what Arrow's typed column readers have in common.
type batchReader[T any] interface {
	file.ColumnChunkReader
	ReadBatch(size int64, values []T, definition, repetition []int16) (total int64, read int, err error)
}

// readColumn returns the values of a column in one row group. The values are the caller's to keep: byte arrays share
// the memory of their page, which the Go allocator leaves to the garbage collector.
func readColumn[T any](f *parquetFile, group int, name string) (values []T, err error) {
	defer guardParquet(f.path, &err)
	chunk, rows, err := f.chunk(group, name)
	if err != nil {
		return nil, damaged(f.path, err)
	}
	values, err = readChunk(chunk.(batchReader[T]))
	if err != nil {
		return nil, damaged(f.path, err)
	}
	if int64(len(values)) != rows {
		return nil, damaged(f.path, fmt.Sprintf("row group %d, column %q: %d of %d values", group, name, len(values), rows))
	}
	return values, nil
}

// readLists returns the lists of a column in one row group.
func readLists(f *parquetFile, group int, name string) (lists [][]float32, err error) {
	defer guardParquet(f.path, &err)
	chunk, rows, err := f.chunk(group, name)
	if err != nil {
		return nil, damaged(f.path, err)
	}
	lists, err = readListChunk(chunk.(batchReader[float32]))
	if err != nil {
		return nil, damaged(f.path, err)
	}
	if int64(len(lists)) != rows {
		return nil, damaged(f.path, fmt.Sprintf("row group %d, column %q: %d of %d lists", group, name, len(lists), rows))
	}
	return lists, nil
}

// chunk opens a column of a row group and returns the group's number of rows.
func (f *parquetFile) chunk(group int, name string) (file.ColumnChunkReader, int64, error) {
	rows := f.reader.RowGroup(group)
	if err := f.checkSize(rows, name); err != nil {
		return nil, 0, err
	}
	chunk, err := rows.Column(f.columns[name])
	return chunk, rows.NumRows(), err
}

// checkSize refuses a column chunk larger than the file before memory is asked for it.
func (f *parquetFile) checkSize(rows *file.RowGroupReader, name string) error {
	chunk, err := rows.MetaData().ColumnChunk(f.columns[name])
	if err != nil {
		return err
	}
	if chunk.TotalCompressedSize() > f.size {
		return fmt.Errorf("column %q is longer than the file", name)
	}
	return nil
}

// readChunk reads in small batches, so that a wrong number in a damaged file cannot ask for all the memory.
func readChunk[T any](chunk batchReader[T]) (values []T, err error) {
	const batch = 1024
	buffer, definition := make([]T, batch), make([]int16, batch)
	for chunk.HasNext() {
		total, read, err := chunk.ReadBatch(batch, buffer, definition, nil)
		if err != nil {
			return nil, err
		}
		if int64(read) != total {
			return nil, errors.New("a value is null")
		}
		if read == 0 {
			break
		}
		values = append(values, buffer[:read]...)
	}
	return values, chunk.Err()
}

// readListChunk assembles lists from values and levels: a new list begins where the repetition level is 0, and holds a
// value where the definition level is the highest.
func readListChunk(chunk batchReader[float32]) (lists [][]float32, err error) {
	const batch = 1 << 14
	highest := chunk.Descriptor().MaxDefinitionLevel()
	buffer, definition, repetition := make([]float32, batch), make([]int16, batch), make([]int16, batch)
	for chunk.HasNext() {
		total, _, err := chunk.ReadBatch(batch, buffer, definition, repetition)
		if err != nil {
			return nil, err
		}
		if total == 0 {
			break
		}
		next := 0
		for i := range total {
			if repetition[i] == 0 {
				lists = append(lists, nil)
			}
			switch {
			case definition[i] == highest && len(lists) > 0:
				lists[len(lists)-1] = append(lists[len(lists)-1], buffer[next])
				next++
			case repetition[i] != 0 || len(lists) == 0:
				return nil, errors.New("a value of a list is null")
			}
		}
	}
	return lists, chunk.Err()
}
