package table

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

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
		fits := form == textForm || form == binaryForm || field.Type.ID() == arrow.NULL
		picture = picture && slices.Contains(pictureFields, field.Name) && fits
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
