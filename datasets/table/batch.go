package table

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/endian"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Arrow's library copies every column of a record batch, and a file may be a single batch of many gigabytes. Batches
// that are not compressed are therefore taken apart here: the arrays of the columns that are asked for lie in the mapped
// file, and nothing else of it is touched. Their types are the library's, which check what they return.

// batch is a record batch, or the columns of it that were asked for.
type batch struct {
	rows    int
	fields  []arrow.Field
	columns []arrow.Array
}

// isDirect reports whether the batches of a file can be taken apart here: no type is of an unusual layout, none of the
// chosen columns needs a dictionary, and the first batch is not compressed.
func (f *arrowFile) isDirect() bool {
	schema := f.reader.Schema()
	if schema.Endianness() != endian.NativeEndian {
		return false
	}
	for _, field := range schema.Fields() {
		chosen := f.isChosen(field.Name)
		if !plainLayout(field.Type, chosen) {
			return false
		}
	}
	return !f.messages.compressed()
}

// isChosen reports whether a column, or a field in it, was asked for.
func (f *arrowFile) isChosen(name string) bool {
	for _, chosen := range f.chosen {
		if len(chosen) >= len(name) && chosen[:len(name)] == name {
			return true
		}
	}
	return false
}

// plainLayout reports whether the buffers of a type are as its Layout says. The values of a dictionary are none of them.
func plainLayout(t arrow.DataType, withoutDictionary bool) bool {
	switch t.ID() {
	case arrow.NULL, arrow.SPARSE_UNION, arrow.DENSE_UNION, arrow.RUN_END_ENCODED, arrow.EXTENSION:
		return false
	case arrow.DICTIONARY:
		return !withoutDictionary
	}
	if nested, ok := t.(arrow.NestedType); ok {
		for _, field := range nested.Fields() {
			if !plainLayout(field.Type, withoutDictionary) {
				return false
			}
		}
	}
	return true
}

// nextBatch returns the next record batch, or io.EOF.
func (f *arrowFile) nextBatch() (*batch, error) {
	if !f.direct {
		record, err := f.reader.Read()
		if err != nil {
			return nil, err
		}
		return &batch{int(record.NumRows()), record.Schema().Fields(), record.Columns()}, nil
	}
	for {
		meta, body, err := f.messages.next()
		if err != nil {
			return nil, err
		}
		header, kind := flat(meta).header()
		if kind != headerBatch {
			continue // a dictionary of another column
		}
		if header.field(batchCompression) > 0 {
			return nil, fmt.Errorf("a compressed record batch after others that are not is unsupported")
		}
		return f.takeApart(header, body), nil
	}
}

// takeApart returns the chosen columns of a record batch.
func (f *arrowFile) takeApart(header flatTable, body []byte) *batch {
	l := &layout{meta: header.flat, body: body}
	l.node, l.nodes = l.meta.vector(header.field(batchNodes), 16)
	l.buffer, l.buffers = l.meta.vector(header.field(batchBuffers), 16)
	l.view, l.views = l.meta.vector(header.field(batchVariadic), 8)
	b := &batch{}
	if at := header.field(batchLength); at > 0 {
		b.rows = int(l.meta.long(at))
	}
	for _, field := range f.reader.Schema().Fields() {
		data := l.next(field.Type)
		if !f.isChosen(field.Name) {
			continue
		}
		if data.Len() != b.rows {
			panic(fmt.Sprintf("column %q has %d of %d rows", field.Name, data.Len(), b.rows))
		}
		b.fields, b.columns = append(b.fields, field), append(b.columns, array.MakeFromData(data))
	}
	return b
}

// layout goes through the nodes and buffers of a record batch, which lie in the order of the columns and, in each, of
// its fields.
type layout struct {
	meta                  flat
	body                  []byte
	node, buffer, view    uint64 // place of the next
	nodes, buffers, views uint64 // those that are left
}

// next returns the data of the next column, of a given type.
func (l *layout) next(t arrow.DataType) *array.Data {
	if l.nodes == 0 {
		panic("a column is missing in a record batch")
	}
	length, nulls := l.meta.long(l.node), l.meta.long(l.node+8)
	l.node, l.nodes = l.node+16, l.nodes-1
	count := len(t.Layout().Buffers)
	if t.Layout().VariadicSpec != nil {
		if l.views == 0 {
			panic("a column of views has no number of buffers")
		}
		count += int(min(l.meta.long(l.view), 1<<30))
		l.view, l.views = l.view+8, l.views-1
	}
	buffers := make([]*memory.Buffer, 0, min(count, int(l.buffers)))
	for i := range count {
		buffer := l.nextBuffer()
		if i == 0 && nulls == 0 {
			buffer = nil // of the bits that tell what is null
		}
		buffers = append(buffers, buffer)
	}
	var children []arrow.ArrayData
	if nested, ok := t.(arrow.NestedType); ok {
		for _, field := range nested.Fields() {
			children = append(children, l.next(field.Type))
		}
	}
	return array.NewData(t, int(length), buffers, children, int(nulls), 0)
}

// nextBuffer returns the part of the body that the next buffer is.
func (l *layout) nextBuffer() *memory.Buffer {
	if l.buffers == 0 {
		panic("a buffer is missing in a record batch")
	}
	start, length := l.meta.long(l.buffer), l.meta.long(l.buffer+8)
	l.buffer, l.buffers = l.buffer+16, l.buffers-1
	if start < 0 || length < 0 || start > int64(len(l.body)) || length > int64(len(l.body))-start {
		panic(fmt.Sprintf("a buffer of %d bytes at %d of %d", length, start, len(l.body)))
	}
	return memory.NewBufferBytes(l.body[start : start+length : start+length])
}

// long reads a number of 64 bits.
func (f flat) long(at uint64) int64 { return int64(binary.LittleEndian.Uint64(f[at:])) }

// header returns the header of a message and its kind.
func (f flat) header() (flatTable, byte) {
	root := f.table(uint64(binary.LittleEndian.Uint32(f)))
	return f.refer(root.field(messageHeader)), f[root.field(messageHeaderType)]
}

// compressed reports whether the first record batch is compressed; reading goes on as before.
func (m *messageReader) compressed() bool {
	ahead := messageReader{input: m.input, at: m.at, size: m.size, schema: m.schema, blocks: m.blocks, isFile: m.isFile}
	for {
		meta, size, err := ahead.describe()
		if err != nil {
			return err != io.EOF // whatever is wrong is found by the library
		}
		if header, kind := flat(meta).header(); kind == headerBatch {
			return header.field(batchCompression) > 0
		}
		ahead.at += size
	}
}
