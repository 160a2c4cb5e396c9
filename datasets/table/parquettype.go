package table

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/float16"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

func (f *parquetFile) fields() []Field {
	root := f.reader.MetaData().Schema.Root()
	var fields []Field
	for i := range root.NumFields() {
		field := root.Field(i)
		t, ok := f.storage[field.Name()]
		if !ok {
			t = f.column(field).typ
		}
		fields = append(fields, Field{field.Name(), t.name})
	}
	return fields
}

// column describes a field of the schema.
func (f *parquetFile) column(node schema.Node) parquetColumn {
	c := parquetColumn{name: node.Path(), typ: typ{otherForm, "of an unknown form"}}
	switch node := node.(type) {
	case *schema.PrimitiveNode:
		c.typ, c.leaves = leafType(node), []int{f.indices[node]}
		if node.RepetitionType() == parquet.Repetitions.Repeated {
			c.typ = listOf(c.typ)
		}
	case *schema.GroupNode:
		switch {
		case isStruct(node):
			c.typ, c.leaves = f.structColumn(node)
		case node.ConvertedType() == schema.ConvertedTypes.List:
			c.typ, c.leaves = f.listColumn(node)
		default:
			c.typ.name = "a map"
		}
	}
	return c
}

// isStruct reports whether a group is neither a list nor a map.
func isStruct(group *schema.GroupNode) bool {
	t := group.ConvertedType()
	return group.RepetitionType() != parquet.Repetitions.Repeated && t != schema.ConvertedTypes.List &&
		t != schema.ConvertedTypes.Map && t != schema.ConvertedTypes.MapKeyValue
}

// structColumn tells a picture, which has the field bytes, path or both and no other, from other structs.
func (f *parquetFile) structColumn(group *schema.GroupNode) (typ, []int) {
	leaves := []int{-1, -1}
	var names []string
	picture := true
	for i := range group.NumFields() {
		field, primitive := group.Field(i).(*schema.PrimitiveNode)
		name := group.Field(i).Name()
		names = append(names, name)
		at := slices.Index(pictureFields, name)
		if at < 0 || !primitive || field.RepetitionType() == parquet.Repetitions.Repeated ||
			!slices.Contains([]form{textForm, binaryForm}, leafType(field).form) {
			picture = false
			continue
		}
		leaves[at] = f.indices[field]
	}
	return structType(names, picture), leaves
}

// pictureFields are the fields of a picture.
var pictureFields = []string{"bytes", "path"}

func structType(names []string, picture bool) typ {
	t := typ{otherForm, fmt.Sprintf("a struct (%s)", JoinNames(names))}
	if picture && len(names) > 0 {
		t.form = pictureForm
	}
	return t
}

// listColumn reads the ways in which lists are written: a repeated group of one element, or a repeated element.
func (f *parquetFile) listColumn(group *schema.GroupNode) (typ, []int) {
	if group.NumFields() != 1 || group.Field(0).RepetitionType() != parquet.Repetitions.Repeated {
		return typ{otherForm, "a list of an unknown form"}, nil
	}
	item := group.Field(0)
	if repeated, ok := item.(*schema.GroupNode); ok {
		if repeated.NumFields() != 1 {
			return typ{otherForm, "a list of structs"}, nil
		}
		item = repeated.Field(0)
	}
	primitive, ok := item.(*schema.PrimitiveNode)
	switch {
	case !ok && item.ConvertedType() == schema.ConvertedTypes.List:
		return typ{otherForm, "a list of lists"}, nil
	case !ok:
		return typ{otherForm, "a list of structs"}, nil
	case item.RepetitionType() == parquet.Repetitions.Repeated && item != group.Field(0):
		return typ{otherForm, "a list of lists"}, nil
	}
	return listOf(leafType(primitive)), []int{f.indices[primitive]}
}

// listOf is the type of a list of items.
func listOf(item typ) typ {
	t := typ{otherForm, "a list of " + strings.TrimPrefix(strings.TrimPrefix(item.name, "a "), "of ")}
	if item.form == integerForm || item.form == realForm {
		t.form = listForm
	}
	return t
}

// emptyLevel is the definition level of an empty list: one below that of its repeated part.
func emptyLevel(node schema.Node) int16 {
	var levels int16
	for n := node; n.Parent() != nil; n = n.Parent() {
		if n.RepetitionType() != parquet.Repetitions.Required {
			levels++
		}
		if n.RepetitionType() == parquet.Repetitions.Repeated {
			levels = 0
		}
	}
	return levels
}

// leafType is the logical type of a leaf.
func leafType(node *schema.PrimitiveNode) typ {
	physical := node.PhysicalType()
	switch logical := node.LogicalType().(type) {
	case schema.StringLogicalType, *schema.StringLogicalType:
		return typ{textForm, "a string"}
	case schema.EnumLogicalType, *schema.EnumLogicalType:
		return typ{textForm, "an enum"}
	case schema.JSONLogicalType, *schema.JSONLogicalType:
		return typ{textForm, "JSON text"}
	case *schema.IntLogicalType:
		return intType(logical.BitWidth(), logical.IsSigned())
	case schema.IntLogicalType:
		return intType(logical.BitWidth(), logical.IsSigned())
	case *schema.DecimalLogicalType:
		return typ{realForm, fmt.Sprintf("decimal(%d, %d)", logical.Precision(), logical.Scale())}
	case schema.DecimalLogicalType:
		return typ{realForm, fmt.Sprintf("decimal(%d, %d)", logical.Precision(), logical.Scale())}
	case schema.Float16LogicalType, *schema.Float16LogicalType:
		return typ{realForm, "float16"}
	case nil, schema.NoLogicalType, *schema.NoLogicalType:
		return physicalType(physical)
	case schema.UnknownLogicalType, *schema.UnknownLogicalType, schema.NullLogicalType, *schema.NullLogicalType:
		return typ{otherForm, "without values (all are null)"}
	default:
		name, _, _ := strings.Cut(strings.ToLower(logical.String()), "(")
		return typ{otherForm, "of type " + name}
	}
}

func intType(width int8, signed bool) typ {
	if signed {
		return typ{integerForm, fmt.Sprintf("int%d", width)}
	}
	return typ{integerForm, fmt.Sprintf("uint%d", width)}
}

func physicalType(kind parquet.Type) typ {
	t := parquet.Types
	switch kind {
	case t.Int32:
		return typ{integerForm, "int32"}
	case t.Int64:
		return typ{integerForm, "int64"}
	case t.Float:
		return typ{realForm, "float32"}
	case t.Double:
		return typ{realForm, "float64"}
	case t.ByteArray, t.FixedLenByteArray:
		return typ{binaryForm, "binary"}
	case t.Boolean:
		return typ{boolForm, "boolean"}
	}
	return typ{otherForm, "an INT96 timestamp"}
}

// newLeaf reads a column chunk by its logical type.
func newLeaf(chunk file.ColumnChunkReader) (leaf, error) {
	const numbers, arrays = 1024, 64 // values of a batch; arrays may be images
	node := chunk.Descriptor().SchemaNode().(*schema.PrimitiveNode)
	t, scale := leafType(node), -1
	if strings.HasPrefix(t.name, "decimal") {
		scale = int(node.DecimalMetadata().Scale)
		switch logical := node.LogicalType().(type) {
		case *schema.DecimalLogicalType:
			scale = int(logical.Scale())
		case schema.DecimalLogicalType:
			scale = int(logical.Scale())
		}
	}
	unsigned := strings.HasPrefix(t.name, "uint")
	switch chunk.Type() {
	case parquet.Types.Boolean:
		return makeLeaf(chunk, numbers, func(v bool) cell { return cell{form: boolForm, truth: v} }, nil), nil
	case parquet.Types.Int32:
		return intLeaf(chunk, numbers, scale, unsigned, func(v int32) uint64 { return uint64(uint32(v)) }), nil
	case parquet.Types.Int64:
		return intLeaf(chunk, numbers, scale, unsigned, func(v int64) uint64 { return uint64(v) }), nil
	case parquet.Types.Float:
		return makeLeaf(chunk, numbers, func(v float32) cell { return realCell(float64(v)) },
			func(v float32) float32 { return v }), nil
	case parquet.Types.Double:
		return makeLeaf(chunk, numbers, realCell, func(v float64) float32 { return float32(v) }), nil
	case parquet.Types.ByteArray:
		return bytesLeaf[parquet.ByteArray](chunk, arrays, t, scale), nil
	case parquet.Types.FixedLenByteArray:
		return bytesLeaf[parquet.FixedLenByteArray](chunk, arrays, t, scale), nil
	}
	return nil, fmt.Errorf("unimplemented type %v", chunk.Type())
}

// intLeaf reads integers, and decimals that are stored in them (scale of at least 0).
func intLeaf[T int32 | int64](chunk file.ColumnChunkReader, batch, scale int, unsigned bool, bits func(T) uint64) leaf {
	make := func(v T) cell {
		switch {
		case scale >= 0:
			return realCell(decimalNumber(big.NewInt(int64(v)), scale))
		case unsigned:
			return unsignedCell(bits(v))
		}
		return integerCell(int64(v))
	}
	return makeLeaf(chunk, batch, make, func(v T) float32 { return float32(make(v).number) })
}

// bytesLeaf reads text, binary data, decimals of any length and float16.
func bytesLeaf[T ~[]byte](chunk file.ColumnChunkReader, batch int, t typ, scale int) leaf {
	make := func(v T) cell { return cell{form: t.form, bytes: v} }
	if scale >= 0 {
		make = func(v T) cell { return realCell(decimalNumber(bigEndian(v), scale)) }
	} else if t.name == "float16" {
		make = func(v T) cell { return realCell(float64(float16.FromLEBytes(v).Float32())) }
	}
	return makeLeaf(chunk, batch, make, func(v T) float32 { return float32(make(v).number) })
}

// bigEndian reads a two's complement.
func bigEndian(b []byte) *big.Int {
	v := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return v
}

// arrowStorage returns the columns of which only the Arrow schema, which Arrow's writers put beside the Parquet one,
// tells that their numbers are something else: durations and extension types.
func arrowStorage(pairs metadata.KeyValueMetadata) map[string]typ {
	encoded := pairs.FindValue("ARROW:schema")
	if encoded == nil {
		return nil
	}
	message, err := base64.StdEncoding.DecodeString(*encoded)
	if err != nil {
		return nil
	}
	fields, err := decodeSchema(message)
	if err != nil {
		return nil // the Parquet schema is enough to read the others
	}
	types := map[string]typ{}
	for _, field := range fields {
		t := arrowType(field)
		if t.form == otherForm && (field.Type.ID() == arrow.DURATION || isExtension(field)) {
			types[field.Name] = t
		}
	}
	return types
}
