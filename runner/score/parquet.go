package score

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// parquetBatch is how many rows of a Parquet file are decoded at once.
const parquetBatch = 4096

// openParquet reads the columns of a Parquet file in step, in the caller's goroutine, where the library's panics about
// damaged files become errors.
func (t *table) openParquet(wanted wantedColumns) error {
	p := &parquetRows{columns: map[Role]int{}}
	err := guard(func() (err error) {
		props := parquet.NewReaderProperties(memory.NewGoAllocator())
		if p.reader, err = file.NewParquetReader(t.file, file.WithReadProps(props)); err != nil {
			return err
		}
		p.columns, err = p.find(wanted)
		return err
	})
	if err != nil {
		return err
	}
	for role := range p.columns {
		t.columns[role] = true
	}
	t.next = func(r *record) error {
		if err := guard(func() error { return p.next(r) }); err == io.EOF {
			return err
		} else if err != nil {
			return fmt.Errorf("%s: row %d: %w", t.path, p.row+1, err)
		}
		return nil
	}
	return nil
}

// guard turns a panic of the Parquet library into an error.
func guard(call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("damaged Parquet file (%v)", r)
		}
	}()
	return call()
}

// parquetRows goes over the rows of all row groups.
type parquetRows struct {
	reader  *file.Reader
	columns map[Role]int // leaves
	group   int          // the next one
	left    int64        // rows of this group that are not decoded yet
	chunks  map[Role]file.ColumnChunkReader
	batch   map[Role][]cell
	at, row int // in the batch, in the file
}

// find returns the leaves of the columns, which must hold text or plain numbers.
func (p *parquetRows) find(wanted wantedColumns) (map[Role]int, error) {
	schema := p.reader.MetaData().Schema
	names := make([]string, schema.NumColumns())
	for i := range names {
		names[i] = schema.Column(i).Path()
	}
	at, err := wanted.place(names)
	if err != nil {
		return nil, err
	}
	for _, i := range at {
		if leaf := schema.Column(i); !plain(leaf) {
			return nil, fmt.Errorf("column %q is %s (%s): expected text or numbers",
				leaf.Path(), leaf.PhysicalType(), leaf.LogicalType())
		}
	}
	return at, nil
}

// plain reports whether a column holds text or numbers as they are, neither lists nor decimals, dates and other types
// that stand for something else.
func plain(leaf *schema.Column) bool {
	if leaf.MaxRepetitionLevel() > 0 {
		return false
	}
	switch leaf.PhysicalType() {
	case parquet.Types.Float, parquet.Types.Double:
		return true
	case parquet.Types.ByteArray:
		switch leaf.LogicalType().(type) {
		case schema.StringLogicalType, schema.EnumLogicalType:
			return true
		}
		return leaf.LogicalType().IsNone()
	case parquet.Types.Int32, parquet.Types.Int64:
		_, integer := leaf.LogicalType().(*schema.IntLogicalType)
		return integer || leaf.LogicalType().IsNone()
	}
	return false
}

// next hands out the next row.
func (p *parquetRows) next(r *record) error {
	if p.batch == nil || p.at == len(p.batch[ID]) {
		if err := p.decode(); err != nil {
			return err
		}
	}
	for role, cells := range p.batch {
		r.cells[role] = cells[p.at]
	}
	p.at, p.row = p.at+1, p.row+1
	r.at = p.row
	return nil
}

// decode reads the next batch.
func (p *parquetRows) decode() error {
	for p.left == 0 {
		if p.group == p.reader.NumRowGroups() {
			return io.EOF
		}
		group := p.reader.RowGroup(p.group)
		p.group, p.left, p.chunks = p.group+1, group.NumRows(), map[Role]file.ColumnChunkReader{}
		for role, i := range p.columns {
			chunk, err := group.Column(i)
			if err != nil {
				return err
			}
			p.chunks[role] = chunk
		}
	}
	n := int(min(p.left, parquetBatch))
	p.left -= int64(n)
	p.at, p.batch = 0, map[Role][]cell{}
	for role, chunk := range p.chunks {
		cells, err := readCells(chunk, n)
		if err != nil {
			return err
		}
		p.batch[role] = cells
	}
	return nil
}

// readCells returns the next n values of a column.
func readCells(chunk file.ColumnChunkReader, n int) ([]cell, error) {
	unsigned := false
	if kind, ok := chunk.Descriptor().LogicalType().(*schema.IntLogicalType); ok {
		unsigned = !kind.IsSigned()
	}
	switch c := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		return batch(c, n, func(v parquet.ByteArray) cell { return cell{text: string(v)} })
	case *file.Float32ColumnChunkReader:
		return batch(c, n, func(v float32) cell { return cell{number: float64(v), numeric: true} })
	case *file.Float64ColumnChunkReader:
		return batch(c, n, func(v float64) cell { return cell{number: v, numeric: true} })
	case *file.Int32ColumnChunkReader:
		return batch(c, n, func(v int32) cell {
			if unsigned {
				return cell{text: strconv.FormatUint(uint64(uint32(v)), 10)}
			}
			return cell{text: strconv.FormatInt(int64(v), 10)}
		})
	case *file.Int64ColumnChunkReader:
		return batch(c, n, func(v int64) cell {
			if unsigned {
				return cell{text: strconv.FormatUint(uint64(v), 10)}
			}
			return cell{text: strconv.FormatInt(v, 10)}
		})
	}
	return nil, errors.New("expected text or numbers")
}

// batchReader is what the typed column readers have in common.
type batchReader[T any] interface {
	Descriptor() *schema.Column
	ReadBatch(size int64, values []T, definition, repetition []int16) (total int64, read int, err error)
}

// batch reads n values, of which those below the highest definition level are null; a page ends a read.
func batch[T any](chunk batchReader[T], n int, convert func(T) cell) ([]cell, error) {
	cells := make([]cell, 0, n)
	values, definition := make([]T, n), make([]int16, n)
	highest := chunk.Descriptor().MaxDefinitionLevel()
	for len(cells) < n {
		total, read, err := chunk.ReadBatch(int64(n-len(cells)), values, definition, nil)
		if err != nil {
			return nil, err
		}
		if total == 0 {
			return nil, errors.New("damaged Parquet file: a column is shorter than its row group")
		}
		next := 0
		for i := range total {
			switch {
			case highest > 0 && definition[i] < highest:
				cells = append(cells, cell{missing: true})
			case next == read:
				return nil, errors.New("damaged Parquet file: fewer values than its levels say")
			default:
				cells, next = append(cells, convert(values[next])), next+1
			}
		}
	}
	return cells, nil
}
