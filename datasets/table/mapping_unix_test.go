//go:build unix

package table

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// pictures writes a file of batches with a dictionary, then binary data of 100 KB a row, then numbers.
func pictures(t *testing.T, path string, batches, rows int) {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "colour", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8,
			ValueType: arrow.BinaryTypes.String}},
		{Name: "image", Type: arrow.BinaryTypes.Binary, Nullable: true},
		{Name: "label", Type: arrow.PrimitiveTypes.Int16},
	}, nil)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ipc.NewFileWriter(file, ipc.WithSchema(schema))
	if err != nil {
		t.Fatal(err)
	}
	colours := array.NewBuilder(memory.DefaultAllocator, schema.Field(0).Type).(*array.BinaryDictionaryBuilder)
	images, labels := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary),
		array.NewInt16Builder(memory.DefaultAllocator)
	for batch := range batches {
		for row := range rows {
			if err := colours.AppendString("red"); err != nil {
				t.Fatal(err)
			}
			images.Append(bytes.Repeat([]byte{byte(row)}, 100_000))
			labels.Append(int16(batch*rows + row))
		}
		columns := []arrow.Array{colours.NewArray(), images.NewArray(), labels.NewArray()}
		if err := w.Write(array.NewRecord(schema, columns, int64(rows))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

// Columns of a mapped file are read past a dictionary that nobody asked for.
func TestMappedColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.arrow")
	pictures(t, path, 2, 3)
	f, err := Open(path, Column{Name: "label", Kind: Number}, Column{Name: "image", Kind: Binary})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for row := range 6 {
		values, err := f.Next()
		if err != nil || values[0].Number != float64(row) ||
			!bytes.Equal(values[1].Bytes, bytes.Repeat([]byte{byte(row % 3)}, 100_000)) {
			t.Fatalf("row %d: %v, %d bytes, %v", row, values[0].Number, len(values[1].Bytes), err)
		}
	}
	if source := f.source.(*arrowFile); source.mapping == nil || !source.direct {
		t.Error("the file is not used as it is mapped")
	}
	rows, err := rowsOf(Open(path, Column{Name: "colour", Kind: Text}, Column{Name: "label", Kind: Scalar}))
	if err != nil || len(rows) != 6 || rows[5] != "red 5" {
		t.Errorf("with the dictionary: %v, %v", rows, err)
	}
}

// The kernel would end a process that reads beyond the end of a mapped file.
func TestCutOffWhileMapped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.arrow")
	pictures(t, path, 2, 3)
	for column, kind := range map[string]Kind{"image": Binary, "colour": Text} {
		f, err := Open(path, Column{Name: column, Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if column == "image" {
			if _, err := f.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Truncate(path, 4096); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = f.Next()
		}
		if !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "\n") ||
			kind == Binary && !strings.Contains(err.Error(), "meanwhile") { // the library has words of its own
			t.Errorf("%s: %v", column, err)
		}
		pictures(t, path, 2, 3)
	}
}
