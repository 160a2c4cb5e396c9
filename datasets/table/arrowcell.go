package table

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

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
	case *array.Null:
		return func(int) cell { return cell{} }
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
