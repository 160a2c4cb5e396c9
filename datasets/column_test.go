package datasets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadColumn(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string][]float64{
		write("a.csv", "\ufeffprice,name\n1.5,\"a,b\"\n -2 ,c\n"): {1.5, -2},
		write("b.tsv", "name\tprice\n\"x\t3\ny\t4e2\n"):           {3, 400},
		write("empty.csv", "price\n"):                             nil,
		write("marked.csv", "\ufeff\"price\"\n1\n"):               {1},
		write("blank.tsv", "\ufeffprice\n1\n\n\n"):                {1},
	} {
		if got, err := ReadColumn(path, "price"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", path, got, err, want)
		}
	}
	for path, want := range map[string]string{
		write("c.csv", "price\n1\nNaN\n"):          `c.csv:3: column "price" is "NaN": expected a finite number`,
		write("d.csv", "price,name\n1,a\n,b\n"):    `d.csv:3: column "price" is "": expected a finite number`,
		write("e.csv", "price,name\n1,a\n2\n"):     "e.csv:3: wrong number of fields",
		write("gap.tsv", "price\n1\n\n2\n"):        "gap.tsv:3: the line is blank",
		write("f.csv", "cost\n1\n"):                `f.csv:1: column "price" is missing: there are cost`,
		write("g.csv", ""):                         "g.csv:1: expected a header",
		write("h.txt", "price\n1\n"):               "expected a .parquet, .csv or .tsv file",
		write("i.parquet", "PAR1"):                 "damaged Parquet file",
		filepath.Join(dir, "nowhere", "a.csv"):     "no such file",
		filepath.Join(dir, "nowhere", "a.parquet"): "the file is missing",
	} {
		if _, err := ReadColumn(path, "price"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

func TestReadColumnOfParquet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	meta := Meta{Name: "d", Title: "D", Modality: LabelOnly, LabelSpace: AgeSpace(), Shots: AgeShots()}
	w, err := Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	splits, err := w.AllSplits()
	if err != nil {
		t.Fatal(err)
	}
	for i, split := range []Split{Train, Train, Val, Test} {
		if err := splits[split].Write(Sample{ID: string(rune('a' + i)), Label: float32(i) + 0.5}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "train.parquet")
	if got, err := ReadColumn(path, "label"); err != nil || !slices.Equal(got, []float64{0.5, 1.5}) {
		t.Errorf("%v, %v", got, err)
	}
	for column, want := range map[string]string{"age": `column "age" is missing: there are id, label`, "id": `column "id" is BYTE_ARRAY: expected numbers`} {
		if _, err := ReadColumn(path, column); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
