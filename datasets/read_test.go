package datasets

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
)

func TestLabelFieldCarriesItsUnit(t *testing.T) {
	d := writeText(t, filepath.Join(t.TempDir(), "pairs"), 1, 1, 1)
	reader, err := file.OpenParquetFile(d.Files(Train)[0], false)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	arrowReader, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := arrowReader.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if unit, _ := schema.Field(1).Metadata.GetValue("unit"); unit != "similarity" {
		t.Errorf("unit of the label field: %q, want similarity", unit)
	}
}

func TestDamagedFilesGiveOneLine(t *testing.T) {
	tests := []struct {
		name   string
		damage func(path string, data []byte) error
		want   string
	}{
		{"missing", func(path string, _ []byte) error { return os.Remove(path) }, "the file is missing"},
		{"empty", func(path string, _ []byte) error { return os.Truncate(path, 0) }, "damaged Parquet file"},
		{"truncated", func(path string, data []byte) error { return os.Truncate(path, int64(len(data)/2)) },
			"damaged Parquet file"},
		{"pages overwritten", func(path string, data []byte) error {
			copy(data[4:], bytes.Repeat([]byte{0xff}, 200))
			return os.WriteFile(path, data, 0o644)
		}, "damaged Parquet file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := writeText(t, filepath.Join(t.TempDir(), "pairs"), 100, 1, 1)
			data, err := os.ReadFile(d.Files(Train)[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := test.damage(d.Files(Train)[0], data); err != nil {
				t.Fatal(err)
			}
			err = drain(d)
			if err == nil || !strings.Contains(err.Error(), test.want) ||
				!strings.Contains(err.Error(), "train.parquet") || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		})
	}
}

// drain reads the training split to its end or first error.
func drain(d *Dataset) error {
	for _, err := range d.Samples(Train) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestGenres(t *testing.T) {
	d := &Dataset{Dir: t.TempDir(), Meta: Meta{Title: "Mine"}}
	if _, err := d.Genres(); err == nil || !strings.Contains(err.Error(), "genres.csv is missing: Mine has no genres") {
		t.Errorf("error %v", err)
	}
	for text, want := range map[string]string{
		"id,genre\na,news\nb,\"x,y\"\n": "", "\ufeff\"id\",genre\na,news\nb,\"x,y\"\n": "", "": "expected a header with " +
			"id and genre", "genre,id\n": "expected a header", "id,genre\na\n": "wrong number of fields",
	} {
		if err := os.WriteFile(filepath.Join(d.Dir, GenreFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		genres, err := d.Genres()
		if want == "" {
			if err != nil || genres["a"] != "news" || genres["b"] != "x,y" {
				t.Errorf("%v, %v", genres, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}
