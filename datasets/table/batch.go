package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/endian"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/dustin/go-humanize"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Arrow's library copies every column of a record batch, and a file may be a single batch of many gigabytes. Batches
// are therefore taken apart here: the arrays of the columns that are asked for lie in the mapped file or, where it is
// compressed, are unpacked, and nothing else of it is touched. Their types are the library's, which check what they
// return.

// batchLimit is how many bytes of a record batch are taken into memory.
const batchLimit = 4 << 30

// errTooLarge is the error of a record batch that would take more.
var errTooLarge = fmt.Errorf("a record batch takes more than %s of memory: write smaller batches",
	humanize.IBytes(batchLimit))

// batch is a record batch, or the columns of it that were asked for.
type batch struct {
	rows    int
	fields  []arrow.Field
	columns []arrow.Array
}

// isDirect reports whether the batches of a file can be taken apart here: no type is of an unusual layout, and none of
// the chosen columns needs a dictionary.
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
	return true
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

// plainLayout reports whether the buffers of a type are as its Layout says. The values of a dictionary are none of
// them.
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
		return f.takeApart(header, body), nil
	}
}

// takeApart returns the chosen columns of a record batch.
func (f *arrowFile) takeApart(header flatTable, body []byte) *batch {
	l := &layout{meta: header.flat, body: body, limit: f.bufferLimit}
	l.node, l.nodes = l.meta.vector(header.field(batchNodes), 16)
	l.buffer, l.buffers = l.meta.vector(header.field(batchBuffers), 16)
	l.view, l.views = l.meta.vector(header.field(batchVariadic), 8)
	l.unpack = unpacker(header)
	b := &batch{}
	if at := header.field(batchLength); at > 0 {
		b.rows = int(l.meta.long(at))
	}
	for _, field := range f.reader.Schema().Fields() {
		l.wanted = f.isChosen(field.Name)
		data := l.next(field.Type)
		if !l.wanted {
			continue
		}
		if data.Len() != b.rows {
			panic(fmt.Sprintf("column %q has %d of %d rows", field.Name, data.Len(), b.rows))
		}
		b.fields, b.columns = append(b.fields, field), append(b.columns, array.MakeFromData(data))
	}
	f.mapping.used(l.packed)
	return b
}

// layout goes through the nodes and buffers of a record batch, which lie in the order of the columns and, in each, of
// its fields.
type layout struct {
	meta                  flat
	body                  []byte
	node, buffer, view    uint64 // place of the next
	nodes, buffers, views uint64 // those that are left

	unpack           func(packed []byte, size int) ([]byte, error) // nil: buffers are as they are
	wanted           bool                                          // whether the column is asked for
	packed, unpacked int                                           // bytes of buffers before and after unpacking
	limit            int                                           // of a buffer
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
	buffer := l.body[start : start+length : start+length]
	if l.unpack != nil && l.wanted && length > 0 {
		buffer = l.unpacking(buffer)
	}
	return memory.NewBufferBytes(buffer)
}

// unpacking unpacks a buffer, before which its length stands; -1 where it is as it is.
func (l *layout) unpacking(buffer []byte) []byte {
	if len(buffer) < 8 {
		panic(fmt.Sprintf("a compressed buffer of %d bytes", len(buffer)))
	}
	size, buffer := int64(binary.LittleEndian.Uint64(buffer)), buffer[8:]
	if size == -1 {
		return buffer
	}
	if size > batchLimit-int64(l.unpacked) {
		panic(errTooLarge)
	}
	if size < 0 || size > int64(l.limit) {
		panic(fmt.Sprintf("a buffer of %d bytes", size))
	}
	l.packed, l.unpacked = l.packed+len(buffer), l.unpacked+int(size)
	unpacked, err := l.unpack(buffer, int(size))
	if err != nil {
		panic(err)
	}
	return unpacked
}

// unpacker returns what unpacks the buffers of a record batch, nil where they are not compressed.
func unpacker(header flatTable) func(packed []byte, size int) ([]byte, error) {
	at := header.field(batchCompression)
	if at == 0 {
		return nil
	}
	codec := byte(codecLZ4)
	if at := header.refer(at).field(0); at > 0 {
		codec = header.flat[at]
	}
	switch codec {
	case codecLZ4:
		return unpackLZ4
	case codecZstandard:
		return unpackZstandard
	}
	panic(fmt.Sprintf("compression %d is unsupported", codec))
}

// The codecs of Arrow's format.
const (
	codecLZ4       = 0
	codecZstandard = 1
)

func unpackLZ4(packed []byte, size int) ([]byte, error) {
	reader, unpacked := lz4.NewReader(bytes.NewReader(packed)), make([]byte, size)
	if _, err := io.ReadFull(reader, unpacked); err != nil {
		return nil, err
	}
	if n, _ := reader.Read(make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("a buffer that is larger than the %d bytes that it states", size)
	}
	return unpacked, nil
}

// zstandard writes no more than there is room for.
var zstandard = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderConcurrency(1))
})

func unpackZstandard(packed []byte, size int) ([]byte, error) {
	decoder, err := zstandard()
	if err != nil {
		return nil, err
	}
	unpacked, err := decoder.DecodeAll(packed, make([]byte, 0, size))
	if err == nil && len(unpacked) < size {
		err = fmt.Errorf("a buffer of %d bytes that states %d", len(unpacked), size)
	}
	return unpacked, err
}

// long reads a number of 64 bits.
func (f flat) long(at uint64) int64 { return int64(binary.LittleEndian.Uint64(f[at:])) }

// header returns the header of a message and its kind.
func (f flat) header() (flatTable, byte) {
	root := f.table(uint64(binary.LittleEndian.Uint32(f)))
	return f.refer(root.field(messageHeader)), f[root.field(messageHeaderType)]
}

// memoryOf returns how many bytes Arrow's library takes for a message: it copies or unpacks all columns.
func memoryOf(meta, body []byte) (total int64) {
	header, kind := flat(meta).header()
	if kind == headerDictionary && header.field(dictionaryData) > 0 {
		header = header.refer(header.field(dictionaryData))
	}
	if kind == headerSchema {
		return 0
	}
	start, n := header.vector(header.field(batchBuffers), 16)
	for i := range n {
		at, length := header.long(start+16*i), header.long(start+16*i+8)
		if header.field(batchCompression) > 0 && at >= 0 && length > 8 && at <= int64(len(body))-length {
			length = max(length, flat(body).long(uint64(at)))
		}
		if total += min(max(length, 0), batchLimit+1); total > batchLimit {
			break
		}
	}
	return total
}
