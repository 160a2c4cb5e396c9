package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// packable is 1,000 rows of a column of 8,000 bytes of numbers, c, one of 4,000, d, and one with a dictionary.
func packable(t *testing.T) arrow.Record {
	numbers := "[" + strings.Repeat("1, ", 999) + "1]"
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	columns := []arrow.Array{arrowColumn(t, arrow.PrimitiveTypes.Float64, numbers),
		arrowColumn(t, arrow.PrimitiveTypes.Float32, numbers),
		arrowColumn(t, dictionary, strings.ReplaceAll(numbers, "1", `"a"`))}
	var fields []arrow.Field
	for i, name := range []string{"c", "d", "e"} {
		fields = append(fields, arrow.Field{Name: name, Type: columns[i].DataType()})
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, 1000)
}

// claim replaces what a buffer of a file states as its size.
func claim(t *testing.T, data []byte, size, stated int64) []byte {
	t.Helper()
	before := binary.LittleEndian.AppendUint64(nil, uint64(size))
	if bytes.Count(data, before) == 0 {
		t.Fatalf("no buffer of %d bytes", size)
	}
	return bytes.ReplaceAll(data, before, binary.LittleEndian.AppendUint64(nil, uint64(stated)))
}

// TestStatedSizes: what compressed buffers state bounds what is read, and memory is taken for chosen columns only.
func TestStatedSizes(t *testing.T) {
	const large = "a.arrow: a record batch takes more than 4.0 GiB of memory: write smaller batches"
	for name, option := range map[string]ipc.Option{"LZ4": ipc.WithLZ4(), "Zstandard": ipc.WithZstd()} {
		data := asArrow(t, packable(t), option)
		for _, test := range []struct {
			column string
			kind   Kind
			size   int64
			stated int64
			want   string // "" for no error
		}{
			{"c", Number, 8000, 8000, ""},
			{"c", Number, 8000, 5 << 30, large},
			{"c", Number, 8000, 1 << 62, large},
			{"c", Number, 8000, 1 << 30, "a.arrow: damaged Arrow file (a buffer of 1073741824 bytes)"},
			{"c", Number, 8000, -7, "a.arrow: damaged Arrow file (a buffer of -7 bytes)"},
			{"c", Number, 8000, 7992, "a.arrow: damaged Arrow file ("},
			{"c", Number, 8000, 8008, "a.arrow: damaged Arrow file ("},
			{"c", Number, 4000, 5 << 30, ""}, // of another column
			{"e", Text, 8000, 8000, ""},
			{"e", Text, 4000, 5 << 30, large}, // Arrow's library unpacks them all
			{"e", Text, 4000, 1 << 30, "a.arrow: damaged Arrow file ("},
		} {
			changed := claim(t, data, test.size, test.stated)
			f, err := openBytes("a.arrow", changed, Column{Name: test.column, Kind: test.kind})
			if err == nil {
				_, err = f.Next()
			}
			if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.HasPrefix(got, test.want) {
				t.Errorf("%s, column %s, %d for %d: %v, want %q", name, test.column, test.stated, test.size, err, test.want)
			}
			if test.want == large && errors.Is(err, ErrDamaged) {
				t.Errorf("%v: damaged", err)
			}
		}
	}
}
