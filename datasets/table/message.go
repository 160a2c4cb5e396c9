package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// messageReader reads the messages of a stream, or those that the index of a file lists. Before Arrow's library sees a
// message, its lengths are compared with what the file holds.
type messageReader struct {
	input      io.ReaderAt
	mapped     []byte // the input in memory, nil if it is not mapped
	at, size   int64
	schema     []byte  // of a file: a message with the schema, until it is read
	blocks     []int64 // of a file: where the other messages begin
	isFile     bool
	references atomic.Int64
}

const arrowMark = "ARROW1"

// newMessages tells a file, which begins and ends with a mark, from a stream.
func newMessages(input io.ReaderAt, size int64) (*messageReader, error) {
	m := &messageReader{input: input, size: size}
	begin, err := m.bytes(8)
	m.at = 0
	switch {
	case err != nil:
		return nil, err
	case bytes.HasPrefix(begin, []byte("FEA1")):
		return nil, errors.New("version 1 of Feather is unsupported: write version 2, which is an Arrow file")
	case !bytes.HasPrefix(begin, []byte(arrowMark)):
		return m, nil
	}
	m.at = max(0, size-10)
	last, err := m.bytes(10)
	if err != nil || string(last[4:]) != arrowMark {
		return nil, errors.New("its end is missing")
	}
	length := int64(int32(binary.LittleEndian.Uint32(last)))
	m.at = size - 10 - length
	index, err := m.bytes(length)
	if err != nil {
		return nil, err
	}
	m.isFile = true
	m.schema, m.blocks, err = checkIndex(index)
	return m, err
}

// Retain is part of ipc.MessageReader.
func (m *messageReader) Retain() { m.references.Add(1) }

// Release is part of ipc.MessageReader.
func (m *messageReader) Release() { m.references.Add(-1) }

// Message returns the next message, or io.EOF at the end. Arrow's library takes memory for all of it.
func (m *messageReader) Message() (*ipc.Message, error) {
	meta, body, err := m.next()
	if err == nil && memoryOf(meta, body) > batchLimit {
		err = errTooLarge
	}
	if err != nil {
		return nil, err
	}
	return ipc.NewMessage(memory.NewBufferBytes(meta), memory.NewBufferBytes(body)), nil
}

// next returns the description and the body of the next message, or io.EOF.
func (m *messageReader) next() (meta, body []byte, err error) {
	meta, size, err := m.describe()
	if err != nil {
		return nil, nil, err
	}
	if m.mapped == nil {
		if size > batchLimit {
			return nil, nil, errTooLarge
		}
		body, err = m.bytes(size)
		return meta, body, err
	}
	m.at += size
	return meta, m.mapped[m.at-size : m.at : m.at], nil
}

// describe returns the description of the next message and the length of its body, which comes next; io.EOF at the end.
func (m *messageReader) describe() (meta []byte, size int64, err error) {
	if m.isFile {
		if schema := m.schema; schema != nil {
			m.schema = nil
			return schema, 0, nil
		}
		if len(m.blocks) == 0 {
			return nil, 0, io.EOF
		}
		m.at, m.blocks = m.blocks[0], m.blocks[1:]
	}
	if meta, err = m.meta(); err == io.EOF && m.isFile {
		err = errMessage // the index says that there is one
	}
	if err != nil {
		return nil, 0, err
	}
	if size, err = checkMessage(meta); err == nil && (size < 0 || size > m.size-m.at) {
		err = fmt.Errorf("%d bytes at %d of %d", size, m.at, m.size)
	}
	return meta, size, err
}

// meta reads the description of the next message, before which its length stands.
func (m *messageReader) meta() ([]byte, error) {
	const continuation = 0xffffffff
	length, err := m.length()
	if err == nil && length == continuation {
		length, err = m.length()
	}
	if err == nil && length == 0 {
		err = io.EOF
	}
	if err != nil {
		return nil, err
	}
	return m.bytes(int64(int32(length)))
}

// length reads a number; at the end of the input it is 0.
func (m *messageReader) length() (uint32, error) {
	if m.at == m.size {
		return 0, nil
	}
	b, err := m.bytes(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

func (m *messageReader) bytes(n int64) ([]byte, error) {
	if m.at < 0 || n < 0 || n > m.size-m.at {
		return nil, fmt.Errorf("%d bytes at %d of %d", n, m.at, m.size)
	}
	b := make([]byte, n)
	if got, err := m.input.ReadAt(b, m.at); got < len(b) {
		return nil, fmt.Errorf("%d bytes at %d: %v", n, m.at, err)
	}
	m.at += n
	return b, nil
}

// Arrow's library allocates by the lengths that a message states, and follows its offsets recursively. checkMessage
// walks the parts on which that depends first. Messages are FlatBuffers: a table begins with the distance back to its
// list of fields, which has the place of each field in the table, 0 if it is absent. Tables, vectors and strings lie
// ahead of the fields that refer to them.

var errMessage = errors.New("the description of a message contradicts itself")

// Fields of the tables of Arrow's format, Message.fbs and Schema.fbs.
const (
	messageHeaderType = 1
	messageHeader     = 2
	messageBody       = 3
	schemaFields      = 1
	schemaMetadata    = 2
	fieldTypeKind     = 2
	fieldType         = 3
	fieldChildren     = 5
	fieldMetadata     = 6
	batchLength       = 0
	batchNodes        = 1
	batchBuffers      = 2
	batchCompression  = 3
	batchVariadic     = 4
	dictionaryData    = 1
	indexSchema       = 1
	indexDictionaries = 2
	indexBatches      = 3
)

// Kinds of headers, and the one type that has a vector.
const (
	headerSchema     = 1
	headerDictionary = 2
	headerBatch      = 3
	typeUnion        = 14
)

// checkMessage returns the length of the body of a message.
func checkMessage(meta []byte) (body int64, err error) {
	defer func() {
		if recover() != nil { // an index beyond the message
			err = errMessage
		}
	}()
	f := flat(meta)
	root := f.table(uint64(binary.LittleEndian.Uint32(meta)))
	if at := root.field(messageBody); at > 0 {
		body = int64(binary.LittleEndian.Uint64(meta[at:]))
	}
	kindAt, headerAt := root.field(messageHeaderType), root.field(messageHeader)
	if kindAt == 0 || headerAt == 0 {
		return 0, errMessage
	}
	header := f.refer(headerAt)
	switch meta[kindAt] {
	case headerSchema:
		f.checkSchema(header)
	case headerDictionary:
		if at := header.field(dictionaryData); at > 0 {
			f.checkBatch(f.refer(at))
		}
	case headerBatch:
		f.checkBatch(header)
	default: // of tensors, which are no rows of a table, or none at all
		return 0, errMessage
	}
	return body, nil
}

// checkIndex returns what the index of a file holds: the schema, as a message, and where dictionaries and record
// batches begin, the former first.
func checkIndex(index []byte) (schema []byte, blocks []int64, err error) {
	defer func() {
		if recover() != nil {
			err = errMessage
		}
	}()
	f := flat(index)
	root := f.table(uint64(binary.LittleEndian.Uint32(index)))
	for _, list := range []uint64{indexDictionaries, indexBatches} {
		const width = 24
		start, n := f.vector(root.field(list), width)
		for i := range n {
			blocks = append(blocks, int64(binary.LittleEndian.Uint64(index[start+width*i:])))
		}
	}
	at := root.field(indexSchema)
	if at == 0 {
		return nil, nil, errMessage
	}
	f.checkSchema(f.refer(at))
	return schemaMessage(index, f.refer(at).at), blocks, nil
}

// schemaMessage puts a message before an index whose header is the schema at a place in the index.
func schemaMessage(index []byte, schema uint64) []byte {
	head := []byte{
		16, 0, 0, 0, // where the table is
		12, 0, 12, 0, 4, 0, 6, 0, 8, 0, 0, 0, // its fields: version, kind and place of the header, no body
		12, 0, 0, 0, 4, 0, headerSchema, 0, 0, 0, 0, 0, // the table, of version 5
		0, 0, 0, 0,
	}
	const place = 24 // of the header's, which is relative to itself
	binary.LittleEndian.PutUint32(head[place:], uint32(uint64(len(head))-place+schema))
	return append(head, index...)
}

// flat is the bytes of a message. Its methods panic at what contradicts itself.
type flat []byte

// flatTable is a table at a place in a message.
type flatTable struct {
	flat
	at, fields, fieldBytes uint64
}

func (f flat) table(at uint64) flatTable {
	fields := int64(at) - int64(int32(binary.LittleEndian.Uint32(f[at:])))
	return flatTable{f, at, uint64(fields), uint64(binary.LittleEndian.Uint16(f[fields:]))}
}

// refer returns the table to which a field refers.
func (f flat) refer(at uint64) flatTable {
	return f.table(at + uint64(binary.LittleEndian.Uint32(f[at:])))
}

// field returns the place of a field, 0 if it is absent.
func (t flatTable) field(n uint64) uint64 {
	entry := 4 + 2*n
	if entry >= t.fieldBytes { // as flatbuffers does, whose last entry may be half inside
		return 0
	}
	offset := uint64(binary.LittleEndian.Uint16(t.flat[t.fields+entry:]))
	if offset == 0 {
		return 0
	}
	return t.at + offset
}

// vector returns the place and the number of the elements of a vector, each of width bytes; none where it is absent.
func (f flat) vector(at uint64, width uint64) (start, n uint64) {
	if at == 0 {
		return 0, 0
	}
	start = at + uint64(binary.LittleEndian.Uint32(f[at:]))
	n = uint64(binary.LittleEndian.Uint32(f[start:]))
	start += 4
	_ = f[start : start+n*width]
	return start, n
}

// checkSchema walks a schema.
func (f flat) checkSchema(schema flatTable) {
	budget := len(f)
	f.vector(schema.field(schemaMetadata), 4)
	f.checkFields(schema.field(schemaFields), 0, &budget)
}

// checkFields walks the columns and their children. The budget ends a walk that would be longer than the message.
func (f flat) checkFields(at uint64, depth int, budget *int) {
	const deepest = 64
	start, n := f.vector(at, 4)
	for i := range n {
		if *budget--; *budget < 0 || depth > deepest {
			panic(errMessage)
		}
		field := f.refer(start + 4*i)
		f.vector(field.field(fieldMetadata), 4)
		if kind := field.field(fieldTypeKind); kind > 0 && f[kind] == typeUnion && field.field(fieldType) > 0 {
			f.vector(f.refer(field.field(fieldType)).field(1), 4)
		}
		f.checkFields(field.field(fieldChildren), depth+1, budget)
	}
}

// checkBatch compares the numbers of buffers that columns of views state with how many there are.
func (f flat) checkBatch(batch flatTable) {
	f.vector(batch.field(batchNodes), 16)
	_, buffers := f.vector(batch.field(batchBuffers), 16)
	start, n := f.vector(batch.field(batchVariadic), 8)
	for i := range n {
		if binary.LittleEndian.Uint64(f[start+8*i:]) > buffers {
			panic(errMessage)
		}
	}
}
