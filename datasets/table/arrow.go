package table

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// arrowFile reads the record batches of an Arrow file or stream one after another.
type arrowFile struct {
	path     string
	file     io.Closer
	messages *messageReader
	mapping  *mapping
	reader   *ipc.Reader
	direct   bool // see isDirect

	bufferLimit int // bytes that a compressed buffer may have, or it is damaged
	chosen      []string
	batch       *batch
	row         int // rows of batch that were read
	total       int // rows read of all batches
	read        []func(i int) cell
	cells       []cell
}

func newArrow(path string, input inputFile) (f *arrowFile, err error) {
	defer guard(path, "Arrow", &err)
	size, err := input.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	messages, err := newMessages(input, size)
	if err != nil {
		return nil, damaged(path, "Arrow", err)
	}
	f = &arrowFile{path: path, file: input, messages: messages, mapping: mapFile(input, size)}
	if f.mapping != nil {
		messages.mapped = f.mapping.bytes
	}
	f.bufferLimit = int(min(batchLimit, 64<<20+1024*size))
	allocator := &boundedAllocator{GoAllocator: memory.NewGoAllocator(), limit: f.bufferLimit}
	if f.reader, err = ipc.NewReaderFromMessageReader(messages, ipc.WithAllocator(allocator)); err != nil {
		f.mapping.close()
		return nil, damaged(path, "Arrow", err)
	}
	return f, nil
}

func (f *arrowFile) close() error {
	f.batch, f.read, f.messages.mapped = nil, nil, nil
	f.mapping.close()
	return f.file.Close()
}

func (f *arrowFile) where() string { return rowPlace(f.total) }

func (f *arrowFile) fields() []Field {
	var fields []Field
	for _, field := range f.reader.Schema().Fields() {
		fields = append(fields, Field{field.Name, arrowType(field).name})
	}
	return fields
}

func (f *arrowFile) choose(name string, _ bool) (typ, bool) {
	field, ok := findField(f.reader.Schema().Fields(), name)
	if ok {
		f.chosen = append(f.chosen, name)
	}
	return arrowType(field), ok
}

// findField finds a column or, by a name with dots, a field of a struct.
func findField(fields []arrow.Field, name string) (arrow.Field, bool) {
	for _, field := range fields {
		if field.Name == name {
			return field, true
		}
		inner, isStruct := field.Type.(*arrow.StructType)
		if rest, below := strings.CutPrefix(name, field.Name+"."); below && isStruct {
			if found, ok := findField(inner.Fields(), rest); ok {
				return found, true
			}
		}
	}
	return arrow.Field{Type: arrow.Null}, false
}

func (f *arrowFile) next() (cells []cell, err error) {
	defer guard(f.path, "Arrow", &err)
	defer faultsPanic()()
	for f.batch == nil || f.row == f.batch.rows {
		f.direct, f.batch = f.isDirect(), nil // its memory is free for the next one
		clear(f.read)
		if f.batch, err = f.nextBatch(); err == io.EOF {
			return nil, io.EOF
		}
		if err != nil {
			return nil, damaged(f.path, "Arrow", err)
		}
		f.mapping.used(4 * faultAround * len(f.batch.columns))
		f.row, f.read = 0, f.read[:0]
		for _, name := range f.chosen {
			f.read = append(f.read, f.batch.cells(name))
		}
	}
	i := f.row
	f.row++
	f.total++
	f.cells = f.cells[:0]
	for _, read := range f.read {
		c := read(i)
		f.cells = append(f.cells, c)
		f.mapping.used(len(c.bytes) + 4*len(c.list) + 16)
	}
	return f.cells, nil
}

// cells returns the cells of a column.
func (b *batch) cells(name string) func(int) cell {
	for i, field := range b.fields {
		if field.Name == name {
			return arrayCells(b.columns[i])
		}
	}
	for i, field := range b.fields {
		if rest, below := strings.CutPrefix(name, field.Name+"."); below {
			if inner, ok := b.columns[i].(*array.Struct); ok {
				return fieldCells(inner, rest)
			}
		}
	}
	panic(fmt.Sprintf("column %q is missing in a record batch", name))
}

// boundedAllocator refuses what a damaged or hostile file asks for beyond reason.
type boundedAllocator struct {
	*memory.GoAllocator
	limit int
}

func (a *boundedAllocator) Allocate(size int) []byte {
	a.check(size)
	return a.GoAllocator.Allocate(size)
}

func (a *boundedAllocator) Reallocate(size int, b []byte) []byte {
	a.check(size)
	return a.GoAllocator.Reallocate(size, b)
}

func (a *boundedAllocator) check(size int) {
	if size < 0 || size > a.limit {
		panic(fmt.Sprintf("a buffer of %d bytes", size))
	}
}

// decodeSchema decodes a message that holds a schema.
func decodeSchema(message []byte) (fields []arrow.Field, err error) {
	defer guard("", "Arrow", &err)
	messages, err := newMessages(bytes.NewReader(message), int64(len(message)))
	if err != nil {
		return nil, err
	}
	reader, err := ipc.NewReaderFromMessageReader(messages)
	if err != nil {
		return nil, err
	}
	return reader.Schema().Fields(), nil
}
