package table

import (
	"bytes"
	"fmt"
	"io"
	"slices"
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
	chosen   []string
	batch    *batch
	row      int // rows of batch that were read
	total    int // rows read of all batches
	read     []func(i int) cell
	cells    []cell
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
	allocator := &boundedAllocator{GoAllocator: memory.NewGoAllocator(), limit: int(min(4<<30, 64<<20+1024*size))}
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
		if f.batch == nil {
			f.direct = f.isDirect()
		}
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

// fieldCells returns the cells of a field of a struct, which are null where the struct is.
func fieldCells(outer *array.Struct, name string) func(int) cell {
	read := func(int) cell { return cell{} }
	for i, field := range outer.DataType().(*arrow.StructType).Fields() {
		inner, isStruct := outer.Field(i).(*array.Struct)
		if rest, below := strings.CutPrefix(name, field.Name+"."); field.Name == name {
			read = arrayCells(outer.Field(i))
			break
		} else if below && isStruct {
			read = fieldCells(inner, rest)
			break
		}
	}
	return func(i int) cell {
		if outer.IsNull(i) {
			return cell{}
		}
		return read(i)
	}
}

// arrayCells returns the cells of an array. Bytes are copied, so that a value does not hold its whole batch.
func arrayCells(a arrow.Array) func(int) cell {
	read := valueCells(a)
	return func(i int) cell {
		if a.IsNull(i) {
			return cell{}
		}
		return read(i)
	}
}

func valueCells(a arrow.Array) func(int) cell {
	switch a := a.(type) {
	case *array.Int8:
		return func(i int) cell { return integerCell(int64(a.Value(i))) }
	case *array.Int16:
		return func(i int) cell { return integerCell(int64(a.Value(i))) }
	case *array.Int32:
		return func(i int) cell { return integerCell(int64(a.Value(i))) }
	case *array.Int64:
		return func(i int) cell { return integerCell(a.Value(i)) }
	case *array.Uint8:
		return func(i int) cell { return unsignedCell(uint64(a.Value(i))) }
	case *array.Uint16:
		return func(i int) cell { return unsignedCell(uint64(a.Value(i))) }
	case *array.Uint32:
		return func(i int) cell { return unsignedCell(uint64(a.Value(i))) }
	case *array.Uint64:
		return func(i int) cell { return unsignedCell(a.Value(i)) }
	case *array.Float16:
		return func(i int) cell { return realCell(float64(a.Value(i).Float32())) }
	case *array.Float32:
		return func(i int) cell { return realCell(float64(a.Value(i))) }
	case *array.Float64:
		return func(i int) cell { return realCell(a.Value(i)) }
	case *array.Decimal128:
		scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
		return func(i int) cell { return realCell(decimalNumber(a.Value(i).BigInt(), scale)) }
	case *array.Decimal256:
		scale := int(a.DataType().(*arrow.Decimal256Type).Scale)
		return func(i int) cell { return realCell(decimalNumber(a.Value(i).BigInt(), scale)) }
	case *array.Boolean:
		return func(i int) cell { return cell{form: boolForm, truth: a.Value(i)} }
	case *array.String:
		return func(i int) cell { return cell{form: textForm, bytes: []byte(a.Value(i))} }
	case *array.LargeString:
		return func(i int) cell { return cell{form: textForm, bytes: []byte(a.Value(i))} }
	case *array.StringView:
		return func(i int) cell { return cell{form: textForm, bytes: []byte(a.Value(i))} }
	case *array.Binary:
		return func(i int) cell { return cell{form: binaryForm, bytes: bytes.Clone(a.Value(i))} }
	case *array.LargeBinary:
		return func(i int) cell { return cell{form: binaryForm, bytes: bytes.Clone(a.Value(i))} }
	case *array.BinaryView:
		return func(i int) cell { return cell{form: binaryForm, bytes: bytes.Clone(a.Value(i))} }
	case *array.FixedSizeBinary:
		return func(i int) cell { return cell{form: binaryForm, bytes: bytes.Clone(a.Value(i))} }
	case *array.Dictionary:
		read := arrayCells(a.Dictionary())
		return func(i int) cell { return read(a.GetValueIndex(i)) }
	case array.ListLike:
		return listCells(a)
	case *array.Struct:
		return pictureCells(a)
	}
	panic(fmt.Sprintf("arrays of %s are not handled", a.DataType()))
}

// listCells returns lists of numbers.
func listCells(a array.ListLike) func(int) cell {
	items := a.ListValues()
	floats, _ := items.(*array.Float32)
	read := arrayCells(items)
	return func(i int) cell {
		start, end := a.ValueOffsets(i)
		if floats != nil && floats.NullN() == 0 {
			return cell{form: listForm, list: slices.Clone(floats.Float32Values()[start:end])}
		}
		list := make([]float32, 0, min(end-start, 1<<20))
		for at := start; at < end; at++ {
			item := read(int(at))
			if item.form == nullForm {
				return cell{form: otherForm, name: fmt.Sprintf("a list whose item %d is null", at-start+1)}
			}
			list = append(list, float32(item.number))
		}
		return cell{form: listForm, list: list}
	}
}

// pictureCells joins bytes and path; it is null where both are.
func pictureCells(a *array.Struct) func(int) cell {
	data, path := fieldCells(a, pictureFields[0]), fieldCells(a, pictureFields[1])
	return func(i int) cell {
		bytes, path := data(i), path(i)
		if bytes.form == nullForm && path.form == nullForm {
			return cell{}
		}
		return cell{form: pictureForm, bytes: bytes.bytes, path: path.bytes}
	}
}

// arrowType is the logical type of a field.
func arrowType(field arrow.Field) typ {
	if isExtension(field) {
		name, _ := field.Metadata.GetValue(extensionKey)
		if e, ok := field.Type.(arrow.ExtensionType); ok {
			name = e.ExtensionName()
		}
		return typ{otherForm, "of the extension type " + name}
	}
	switch t := field.Type.(type) {
	case *arrow.Int8Type, *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type,
		*arrow.Uint8Type, *arrow.Uint16Type, *arrow.Uint32Type, *arrow.Uint64Type:
		return typ{integerForm, t.Name()}
	case *arrow.Float16Type:
		return typ{realForm, "float16"}
	case *arrow.Float32Type:
		return typ{realForm, "float32"}
	case *arrow.Float64Type:
		return typ{realForm, "float64"}
	case *arrow.Decimal128Type:
		return typ{realForm, fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)}
	case *arrow.Decimal256Type:
		return typ{realForm, fmt.Sprintf("decimal(%d, %d)", t.Precision, t.Scale)}
	case *arrow.BooleanType:
		return typ{boolForm, "boolean"}
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		return typ{textForm, "a string"}
	case *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.BinaryViewType, *arrow.FixedSizeBinaryType:
		return typ{binaryForm, "binary"}
	case *arrow.DictionaryType:
		return dictionaryType(t)
	case *arrow.MapType:
		return typ{otherForm, "a map"}
	case arrow.ListLikeType:
		return arrowListType(t)
	case *arrow.StructType:
		return arrowStructType(t)
	case *arrow.NullType:
		return typ{otherForm, "without values (all are null)"}
	}
	return typ{otherForm, "of type " + field.Type.Name()}
}

// dictionaryType is the type of the values, which must not be nested.
func dictionaryType(t *arrow.DictionaryType) typ {
	values := arrowType(arrow.Field{Type: t.ValueType})
	if values.form == listForm || values.form == pictureForm {
		return typ{otherForm, "a dictionary of " + t.ValueType.Name()}
	}
	return values
}

func arrowListType(t arrow.ListLikeType) typ {
	if _, dictionary := t.Elem().(*arrow.DictionaryType); dictionary {
		return typ{otherForm, "a list of a dictionary"}
	}
	return listOf(arrowType(t.ElemField()))
}

func arrowStructType(t *arrow.StructType) typ {
	var names []string
	picture := true
	for _, field := range t.Fields() {
		names = append(names, field.Name)
		form := arrowType(field).form
		picture = picture && slices.Contains(pictureFields, field.Name) && (form == textForm || form == binaryForm)
	}
	return structType(names, picture)
}

const extensionKey = "ARROW:extension:name"

// isExtension reports whether values of a field mean something else than their storage.
func isExtension(field arrow.Field) bool {
	if e, ok := field.Type.(arrow.ExtensionType); ok {
		return e.ExtensionName() != "arrow.json"
	}
	name, ok := field.Metadata.GetValue(extensionKey)
	return ok && name != "arrow.json"
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
