package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// memoryFile is a file in memory that counts the bytes read of it.
type memoryFile struct {
	*bytes.Reader
	n int
}

func (f *memoryFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := f.Reader.ReadAt(p, at)
	f.n += n
	return n, err
}

func (f *memoryFile) Close() error { return nil }

// seeker is what an Arrow file is written to.
type seeker struct{ bytes.Buffer }

func (s *seeker) Seek(int64, int) (int64, error) { return int64(s.Len()), nil }

// arrowColumn makes an array of a type from JSON.
func arrowColumn(t *testing.T, kind arrow.DataType, text string) arrow.Array {
	t.Helper()
	a, _, err := array.FromJSON(memory.DefaultAllocator, kind, strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %v", kind, err)
	}
	return a
}

// recordOf makes a record of one column, c.
func recordOf(a arrow.Array) arrow.Record {
	fields := []arrow.Field{{Name: "c", Type: a.DataType(), Nullable: true}}
	return array.NewRecord(arrow.NewSchema(fields, nil), []arrow.Array{a}, int64(a.Len()))
}

// parquetLacks reports whether Arrow's Go library writes no Parquet column of a type.
func parquetLacks(of arrow.DataType) bool {
	return of.ID() == arrow.LARGE_LIST || of.ID() == arrow.DURATION
}

func asParquet(t *testing.T, r arrow.Record, properties ...parquet.WriterProperty) []byte {
	t.Helper()
	var out bytes.Buffer
	properties = append([]parquet.WriterProperty{parquet.WithDataPageSize(64)}, properties...)
	if parquetLacks(r.Schema().Field(0).Type) {
		return nil
	}
	w, err := pqarrow.NewFileWriter(r.Schema(), &out, parquet.NewWriterProperties(properties...),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asArrow(t *testing.T, r arrow.Record, options ...ipc.Option) []byte {
	t.Helper()
	var out seeker
	w, err := ipc.NewFileWriter(&out, append(options, ipc.WithSchema(r.Schema()))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asStream(t *testing.T, r arrow.Record) []byte {
	t.Helper()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(r.Schema()))
	if err := w.Write(r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// openBytes opens a file in memory, of the format of its name.
func openBytes(name string, data []byte, columns ...Column) (*File, error) {
	var s source
	var err error
	if input := (&memoryFile{Reader: bytes.NewReader(data)}); strings.HasSuffix(name, ".parquet") {
		s, err = newParquet(name, input)
	} else {
		s, err = newArrow(name, input)
	}
	if err != nil {
		return nil, err
	}
	return newFile(name, s, columns)
}

// column reads the column c, each value as text.
func column(name string, data []byte, kind Kind) (values []string, err error) {
	f, err := openBytes(name, data, Column{Name: "c", Kind: kind})
	if err != nil {
		return nil, err
	}
	for {
		row, err := f.Next()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return values, err
		}
		v := row[0]
		switch kind {
		case Number:
			values = append(values, fmt.Sprint(v.Number))
		case Text, Key:
			values = append(values, v.Text)
		case Image:
			values = append(values, string(v.Bytes)+"|"+v.Text)
		case Binary:
			values = append(values, string(v.Bytes))
		case Bool:
			values = append(values, fmt.Sprint(v.Bool))
		default:
			values = append(values, fmt.Sprint(v.List))
		}
	}
}

var (
	list      = arrow.ListOf(arrow.PrimitiveTypes.Float64)
	largeList = arrow.LargeListOf(arrow.PrimitiveTypes.Float32)
	fixedList = arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int16)
	picture   = arrow.StructOf(arrow.Field{Name: "path", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "bytes", Type: arrow.BinaryTypes.Binary, Nullable: true})
	dictionary = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
)

// logicalTypes are columns of every type that is understood, with what is read of them.
var logicalTypes = []struct {
	kind Kind
	of   arrow.DataType
	json string
	want string
}{
	{Number, arrow.PrimitiveTypes.Int8, `[-128, 127]`, "-128 127"},
	{Number, arrow.PrimitiveTypes.Int16, `[-32768, 32767]`, "-32768 32767"},
	{Number, arrow.PrimitiveTypes.Int32, `[-5, 2147483647]`, "-5 2.147483647e+09"},
	{Number, arrow.PrimitiveTypes.Int64, `[-5, 4503599627370497]`, "-5 4.503599627370497e+15"},
	{Number, arrow.PrimitiveTypes.Uint8, `[255]`, "255"},
	{Number, arrow.PrimitiveTypes.Uint16, `[65535]`, "65535"},
	{Number, arrow.PrimitiveTypes.Uint32, `[3000000000, 1]`, "3e+09 1"},
	{Number, arrow.PrimitiveTypes.Uint64, `[18000000000000000000]`, "1.8e+19"},
	{Key, arrow.PrimitiveTypes.Uint64, `["18000000000000000001"]`, "18000000000000000001"},
	{Key, arrow.PrimitiveTypes.Int64, `["-9007199254740993"]`, "-9007199254740993"},
	{Number, arrow.FixedWidthTypes.Float16, `[0.5, -2]`, "0.5 -2"},
	{Number, arrow.PrimitiveTypes.Float32, `[0.5, -2]`, "0.5 -2"},
	{Number, arrow.PrimitiveTypes.Float64, `[0.1, 1e300]`, "0.1 1e+300"},
	{Number, &arrow.Decimal128Type{Precision: 5, Scale: 2}, `["9.75", "-0.25"]`, "9.75 -0.25"},
	{Number, &arrow.Decimal128Type{Precision: 38, Scale: 30}, `["0.1", "-3"]`, "0.1 -3"},
	{Number, &arrow.Decimal256Type{Precision: 60, Scale: 10}, `["0.7", "-12345678901234567890"]`,
		"0.7 -1.2345678901234567e+19"},
	{Text, arrow.BinaryTypes.String, `["a", ""]`, "a "},
	{Text, arrow.BinaryTypes.LargeString, `["a", "ü"]`, "a ü"},
	{Key, dictionary, `["a", "b", "a"]`, "a b a"},
	{Binary, arrow.BinaryTypes.LargeBinary, `["aGk="]`, "hi"},
	{Binary, &arrow.FixedSizeBinaryType{ByteWidth: 2}, `["aGk="]`, "hi"},
	{Bool, arrow.FixedWidthTypes.Boolean, `[true, false]`, "true false"},
	{Numbers, list, `[[0.5, 2], [], [3]]`, "[0.5 2] [] [3]"},
	{Numbers, largeList, `[[0.5, 2], [], [3]]`, "[0.5 2] [] [3]"},
	{Numbers, fixedList, `[[1, 2], [3, 4]]`, "[1 2] [3 4]"},
	{Image, picture, `[{"path": "p", "bytes": "aGk="}, {"path": "q"}, {"bytes": "aGk="}]`, "hi| |q hi|"},
}

func TestLogicalTypes(t *testing.T) {
	for _, test := range logicalTypes {
		record := recordOf(arrowColumn(t, test.of, test.json))
		files := map[string][]byte{"file.arrow": asArrow(t, record), "stream.arrow": asStream(t, record),
			"lz4.arrow": asArrow(t, record, ipc.WithLZ4()), "zstd.arrow": asArrow(t, record, ipc.WithZstd()),
			"plain.parquet": asParquet(t, record, parquet.WithDictionaryDefault(false),
				parquet.WithCompression(compress.Codecs.Zstd)),
			"default.parquet": asParquet(t, record)}
		for name, data := range files {
			if data == nil {
				continue
			}
			if got, err := column(name, data, test.kind); err != nil || strings.Join(got, " ") != test.want {
				t.Errorf("%v in %s: %q, %v; want %q", test.of, name, got, err, test.want)
			}
		}
	}
}

// TestDecimalsInIntegers has decimals as DuckDB and Polars store them.
func TestDecimalsInIntegers(t *testing.T) {
	for _, physical := range []parquet.Type{parquet.Types.Int32, parquet.Types.Int64} {
		node, err := schema.NewPrimitiveNodeLogical("c", parquet.Repetitions.Optional, schema.NewDecimalLogicalType(9, 2),
			physical, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, schema.FieldList{node}, -1)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := file.NewParquetWriter(&out, root)
		chunk, err := w.AppendRowGroup().NextColumn()
		if err != nil {
			t.Fatal(err)
		}
		switch chunk := chunk.(type) {
		case *file.Int32ColumnChunkWriter:
			_, err = chunk.WriteBatch([]int32{25, -975}, []int16{1, 1}, nil)
		case *file.Int64ColumnChunkWriter:
			_, err = chunk.WriteBatch([]int64{25, -975}, []int16{1, 1}, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := column("c.parquet", out.Bytes(), Number); err != nil || !slices.Equal(got, []string{"0.25", "-9.75"}) {
			t.Errorf("%v: %v, %v", physical, got, err)
		}
	}
}

func TestDecimalNumber(t *testing.T) {
	for _, test := range []struct {
		unscaled string
		scale    int
		want     float64
	}{{"1", 1, 0.1}, {"-12345", 3, -12.345}, {"5", -2, 500}, {"100000000000000000000000000001", 28, 10}, {"1", 400, 0}} {
		unscaled, _ := new(big.Int).SetString(test.unscaled, 10)
		if got := decimalNumber(unscaled, test.scale); got != test.want || math.Signbit(got) != math.Signbit(test.want) {
			t.Errorf("%s / 10^%d: %v, want %v", test.unscaled, test.scale, got, test.want)
		}
	}
}

// TestRefusals has what is never read as something else.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		kind       Kind
		of         arrow.DataType
		json, want string
	}{
		{Number, arrow.PrimitiveTypes.Int64, `[1, 2, 3, null]`,
			`row 4: column "c" is null (a missing value): expected a number`},
		{Number, arrow.PrimitiveTypes.Float32, `[1, "NaN"]`, `row 2: column "c" is NaN: expected a finite number`},
		{Number, arrow.BinaryTypes.String, `["1"]`, `column "c" is a string, expected a number`},
		{Number, arrow.FixedWidthTypes.Boolean, `[true]`, `column "c" is boolean, expected a number`},
		{Number, arrow.FixedWidthTypes.Date32, `["2020-01-01"]`, `column "c" is of type date`},
		{Number, arrow.FixedWidthTypes.Timestamp_us, `["2020-01-01"]`, `column "c" is of type timestamp`},
		{Number, arrow.FixedWidthTypes.Duration_s, `["5s"]`, `column "c" is of type duration`},
		{Key, arrow.PrimitiveTypes.Float64, `[1]`, `column "c" is float64, expected text or a whole number`},
		{Text, arrow.PrimitiveTypes.Int64, `[1]`, `column "c" is int64, expected text`},
		{Text, arrow.StructOf(arrow.Field{Name: "lang", Type: arrow.BinaryTypes.String},
			arrow.Field{Name: "text", Type: arrow.BinaryTypes.String}),
			`[{"lang": "en", "text": "x"}]`, `column "c" is a struct (lang, text), expected text`},
		{Text, arrow.BinaryTypes.Binary, `["/w=="]`, `row 1: column "c" is not UTF-8 text`},
		{Text, dictionary, `["a", null]`, `row 2: column "c" is null`},
		{Numbers, arrow.ListOf(arrow.BinaryTypes.String), `[["a"]]`,
			`column "c" is a list of string, expected a list of numbers`},
		{Numbers, arrow.ListOf(list), `[[[1]]]`, `column "c" is a list of list`},
		{Numbers, list, `[[1], [2, null]]`, `row 2: column "c" is a list whose item 2 is null`},
		{Numbers, list, `[[1], null]`, `row 2: column "c" is null`},
		{Image, picture, `[{"bytes": "aGk="}, null]`, `row 2: column "c" is null`},
	} {
		record := recordOf(arrowColumn(t, test.of, test.json))
		for name, data := range map[string][]byte{"a.arrow": asArrow(t, record), "a.parquet": asParquet(t, record)} {
			if data == nil {
				continue
			}
			if _, err := column(name, data, test.kind); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v in %s: error %v, want %q", test.of, name, err, test.want)
			}
		}
	}
}

// TestFieldsOfStructs reads columns inside structs by their path.
func TestFieldsOfStructs(t *testing.T) {
	inner := arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Int32, Nullable: true})
	outer := arrow.StructOf(arrow.Field{Name: "in", Type: inner, Nullable: true})
	record := recordOf(arrowColumn(t, outer, `[{"in": {"x": 3}}, {"in": null}]`))
	for name, data := range map[string][]byte{"a.arrow": asArrow(t, record), "a.parquet": asParquet(t, record)} {
		f, err := openBytes(name, data, Column{Name: "c.in.x", Kind: Number})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if row, err := f.Next(); err != nil || row[0].Number != 3 {
			t.Errorf("%s: %v, %v", name, row, err)
		}
		if _, err := f.Next(); err == nil || !strings.Contains(err.Error(), `row 2: column "c.in.x" is null`) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestReadsAPageAtATime reads the first row of a large row group without reading the others.
func TestReadsAPageAtATime(t *testing.T) {
	values := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
	for i := range 2000 {
		values.Append(bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 1000))
	}
	data := asParquet(t, recordOf(values.NewArray()), parquet.WithDataPageSize(1<<16), parquet.WithBatchSize(16),
		parquet.WithDictionaryDefault(false))
	input := &memoryFile{Reader: bytes.NewReader(data)}
	s, err := newParquet("a.parquet", input)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFile("a.parquet", s, []Column{{Name: "c", Kind: Binary}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Next(); err != nil {
		t.Fatal(err)
	}
	if part := float64(input.n) / float64(len(data)); part > 0.2 {
		t.Errorf("the first of 2000 rows took %.0f %% of the file", 100*part)
	}
}

// several is a record with a column of most forms.
func several(t *testing.T) arrow.Record {
	types := []arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float32, dictionary, list, picture}
	texts := []string{`["a", "bc", "d"]`, `[1, 2, null]`, `["x", "y", "x"]`, `[[1, 2], [], [3]]`,
		`[{"path": "p"}, {"bytes": "aGk="}, {"path": "r"}]`}
	var fields []arrow.Field
	var columns []arrow.Array
	for i, of := range types {
		fields = append(fields, arrow.Field{Name: string(rune('a' + i)), Type: of, Nullable: true})
		columns = append(columns, arrowColumn(t, of, texts[i]))
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, 3)
}

// readSeveral reads all that a file of several holds.
func readSeveral(name string, data []byte) error {
	for i, kind := range []Kind{Text, Number, Key, Numbers, Image} {
		f, err := openBytes(name, data, Column{Name: string(rune('a' + i)), Kind: kind})
		if err != nil {
			return err
		}
		for n := 0; err == nil && n < 1000; n++ {
			_, err = f.Next()
		}
		if err != io.EOF {
			return err
		}
	}
	return nil
}

// TestAnyFlippedByteIsNoPanic inverts each byte of small files in turn; reading may succeed or fail, in one line.
func TestAnyFlippedByteIsNoPanic(t *testing.T) {
	record := several(t)
	for name, data := range map[string][]byte{"a.parquet": asParquet(t, record),
		"zstd.parquet": asParquet(t, record, parquet.WithCompression(compress.Codecs.Zstd)),
		"a.arrow":      asArrow(t, record), "lz4.arrow": asArrow(t, record, ipc.WithLZ4()),
		"zstd.arrow": asArrow(t, record, ipc.WithZstd()), "s.arrow": asStream(t, record)} {
		failures, step := 0, 1
		if testing.Short() {
			step = 7
		}
		for i := 0; i < len(data); i += step {
			data[i] ^= 0xff
			if err := readSeveral(name, data); err != nil {
				failures++
				if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), name) {
					t.Fatalf("%s: byte %d: %q", name, i, err)
				}
			}
			data[i] ^= 0xff
		}
		if failures < len(data)/step/20 {
			t.Errorf("%s: %d of %d flipped bytes were noticed", name, failures, len(data)/step)
		}
		for n := 0; n < len(data); n += 5 {
			readSeveral(name, data[:n])
		}
	}
}

// TestBodyBeforeItsMessage has a body of a length with which a reader would come back to the same message.
func TestBodyBeforeItsMessage(t *testing.T) {
	data := asStream(t, recordOf(arrowColumn(t, arrow.PrimitiveTypes.Int8, "[1]")))
	m, err := newMessages(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.next(); err != nil { // the schema
		t.Fatal(err)
	}
	start := m.at
	meta, _, err := m.describe()
	if err != nil {
		t.Fatal(err)
	}
	f := flat(meta)
	place := f.table(uint64(binary.LittleEndian.Uint32(f))).field(messageBody)
	binary.LittleEndian.PutUint64(data[m.at-int64(len(meta))+int64(place):], uint64(start-m.at))
	if _, err := column("a.arrow", data, Number); err == nil || !strings.Contains(err.Error(), "damaged Arrow file") {
		t.Error(err)
	}
}

func FuzzArrow(f *testing.F) {
	t := &testing.T{}
	record := several(t)
	f.Add(asArrow(t, record))
	f.Add(asArrow(t, record, ipc.WithLZ4()))
	f.Add(asArrow(t, record, ipc.WithZstd()))
	f.Add(asStream(t, record))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readSeveral("a.arrow", data); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	})
}

func FuzzParquet(f *testing.F) {
	t := &testing.T{}
	record := several(t)
	f.Add(asParquet(t, record))
	f.Add(asParquet(t, record, parquet.WithCompression(compress.Codecs.Snappy), parquet.WithDictionaryDefault(false)))
	f.Add(asParquet(t, record, parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithDataPageVersion(parquet.DataPageV2)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readSeveral("a.parquet", data); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,x\n2,\"y,z\"\n", "a\tb\n1\tx\n\n", "\ufeff{\"a\": 1, \"b\": [0.5, 2]}\n{\"a\": null}\n\n",
		"{\"a\": 1e999, \"b\": {\"path\": \"x\"}}\n{\"a\": 18446744073709551616}\n", "{\"a\": [1, null]}\n{\"a\": [[1]]}\n",
		"[1]\n", "\n\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for kind := Number; kind <= Numbers; kind++ {
			file, err := OpenText("stdin", bytes.NewReader(data), Column{Name: "a", Kind: kind})
			for n := 0; err == nil && n < 1000; n++ {
				_, err = file.Next()
			}
			if err != nil && err != io.EOF && (strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "stdin")) {
				t.Errorf("%v: %q is not a line that names the file", kind, err)
			}
		}
	})
}
