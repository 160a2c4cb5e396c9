package datasets

import (
	"bytes"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
)

// foreignFile writes a label-only file as other software does: nullable columns, dictionaries, small pages.
func foreignFile(t *testing.T, label arrow.DataType, fill func(*array.RecordBuilder)) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: colID, Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: colLabel, Type: label, Nullable: true},
	}, nil)
	rows := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	fill(rows)
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithDataPageSize(64)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows.NewRecord()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// streamBytes reads a label-only file and returns the number of its samples.
func streamBytes(data []byte) (rows int, err error) {
	f, err := newParquetFile("train.parquet", bytes.NewReader(data), Meta{Modality: LabelOnly}.columns())
	if err != nil {
		return 0, err
	}
	d := &Dataset{Meta: Meta{Modality: LabelOnly, LabelSpace: AgeSpace()}}
	d.stream(f, func(s Sample, e error) bool {
		if err = e; e == nil && (s.ID != strings.Repeat("x", rows%7+1) || s.Label != float32(rows%90)) {
			return false
		}
		rows++
		return true
	})
	return rows, err
}

func TestReadsNullableColumns(t *testing.T) {
	data := foreignFile(t, arrow.PrimitiveTypes.Float32, func(b *array.RecordBuilder) {
		for i := range 3000 {
			b.Field(0).(*array.StringBuilder).Append(strings.Repeat("x", i%7+1))
			b.Field(1).(*array.Float32Builder).Append(float32(i % 90))
		}
	})
	if rows, err := streamBytes(data); err != nil || rows != 3000 {
		t.Errorf("%d rows with the expected content, want 3000: %v", rows, err)
	}
}

func TestRefusesNullsAndOtherTypes(t *testing.T) {
	null := foreignFile(t, arrow.PrimitiveTypes.Float32, func(b *array.RecordBuilder) {
		b.Field(0).(*array.StringBuilder).Append("x")
		b.Field(1).AppendNull()
	})
	double := foreignFile(t, arrow.PrimitiveTypes.Float64, func(b *array.RecordBuilder) {
		b.Field(0).(*array.StringBuilder).Append("x")
		b.Field(1).(*array.Float64Builder).Append(0)
	})
	for want, data := range map[string][]byte{
		"a value is null": null,
		`train.parquet: column "label" is DOUBLE, expected FLOAT`: double,
	} {
		if _, err := streamBytes(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
