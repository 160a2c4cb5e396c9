package convert

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
)

// samplesOf reads all samples of all splits.
func samplesOf(t *testing.T, d *datasets.Dataset) map[datasets.Split][]datasets.Sample {
	t.Helper()
	all := map[datasets.Split][]datasets.Sample{}
	for _, split := range datasets.Splits {
		for sample, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			all[split] = append(all[split], sample)
		}
	}
	return all
}

// sameInPlace converts files, and takes them in place, and compares what the datasets hold. It returns the latter.
func sameInPlace(t *testing.T, opts ColumnsOptions, paths ...string) *datasets.Dataset {
	t.Helper()
	opts.Name = "converted"
	converted, left, err := Columns(context.Background(), paths, opts)
	if err != nil {
		t.Fatal(err)
	}
	opts.Name, opts.InPlace = "in-place", true
	d, leftInPlace, err := Columns(context.Background(), paths, opts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(left, leftInPlace); diff != "" {
		t.Errorf("rejected: %s", diff)
	}
	if diff := cmp.Diff(samplesOf(t, converted), samplesOf(t, d)); diff != "" {
		t.Errorf("%v: %s", paths, diff)
	}
	for _, split := range datasets.Splits {
		want, _ := converted.IDs(split)
		got, err := d.IDs(split)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ids: %v, %s", err, diff)
		}
		if diff := cmp.Diff(converted.Meta.Splits[split].Counts, d.Meta.Splits[split].Counts); diff != "" {
			t.Errorf("counts: %s", diff)
		}
	}
	if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", err, problems)
	}
	if err := d.CheckFiles(); err != nil {
		t.Error(err)
	}
	return d
}

func TestColumnsInPlace(t *testing.T) {
	inputs := map[string]func(*ColumnsOptions){
		"image":  func(o *ColumnsOptions) { o.Image = "image" },
		"text":   func(o *ColumnsOptions) { o.Text, o.ID = []string{"first", "second"}, "" },
		"signal": func(o *ColumnsOptions) { o.Signals = []SignalColumns{{[]string{"series", "series"}, 4}} },
		"labels": func(o *ColumnsOptions) { o.LabelsOnly = true },
		"table":  func(o *ColumnsOptions) { o.Features = []string{"series", "first"} },
	}
	for name, input := range inputs {
		for _, table := range foreignTables {
			opts := columnsOptions(t)
			opts.Split = "split"
			input(&opts)
			t.Run(name+"/"+table, func(t *testing.T) { sameInPlace(t, opts, filepath.Join("testdata", "tables", table)) })
		}
	}
}

// TestSplitsInPlace draws splits over two files, and drops training labels.
func TestSplitsInPlace(t *testing.T) {
	dir := t.TempDir()
	for file := range 2 {
		text := "label\n"
		for row := range 40 {
			text += fmt.Sprintf("%d\n", (file+row)%5)
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.csv", file)), []byte(text))
	}
	opts := columnsOptions(t)
	opts.ID, opts.LabelsOnly, opts.Cap = "", true, 3
	if err := opts.DropTrain.Set("1-2"); err != nil {
		t.Fatal(err)
	}
	d := sameInPlace(t, opts, dir)
	if sources := d.Meta.Splits[datasets.Val].Sources; len(sources) != 2 || sources[1].Before != 40 {
		t.Errorf("%+v", sources)
	}
	if err := os.Rename(filepath.Join(dir, "1.csv"), filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	var missing error
	for _, missing = range d.Samples(datasets.Val) {
	}
	if missing == nil || !strings.Contains(missing.Error(), "1.csv: the file is missing") {
		t.Errorf("without the second file: %v", missing)
	}
	text, err := os.ReadFile(filepath.Join(d.Dir, datasets.MetaFile))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := datasets.Open(d.Dir)
	if err != nil || opened.Meta.Splits[datasets.Val].Rows != 15 {
		t.Errorf("%v, %s", err, text)
	}
	writeFile(t, filepath.Join(d.Dir, datasets.MetaFile),
		[]byte(strings.Replace(string(text), "before: 40", "before: 41", 1)))
	if _, err := datasets.Open(d.Dir); err == nil ||
		!strings.Contains(err.Error(), "sha256: not that of its sources and columns") {
		t.Errorf("edited: %v", err)
	}
}

// TestFeaturesInPlace has missing numbers and categories that the training split lacks.
func TestFeaturesInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "houses.csv")
	writeFile(t, path, []byte("price,rooms,kind,set\n1,2,a,train\n2,,b,train\n3,4,a,val\n4,,c,test\n5,7,,train\n"))
	opts := columnsOptions(t)
	opts.ID, opts.Label, opts.Split, opts.Features = "", "price", "set", []string{AllFeatures}
	d := sameInPlace(t, opts, path)
	if got := samplesOf(t, d)[datasets.Test][0].Features; !cmp.Equal(got, []float32{4.5, 1, 0, 0, 0}) {
		t.Errorf("%v", got)
	}
}

// TestImagesInPlace has images in files of their own, of which one is damaged.
func TestImagesInPlace(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "tables"), os.DirFS("testdata/tables")); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(root, "tables", "pictures", "0.png")
	good, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(root, "tables", "pictures", "4.png"), []byte("no image"))
	opts := columnsOptions(t)
	opts.Out, opts.Split, opts.Image = root, "split", "image"
	table := filepath.Join(root, "tables", "pandas.csv")
	d := sameInPlace(t, opts, table)
	if got := d.Meta.Splits[datasets.Train].Sources[0]; got.Path != "../tables/pandas.csv" || got.Images == "" ||
		got.Rows != "1,4,7,10" {
		t.Errorf("%+v", got)
	}
	moved := root + "-moved"
	if err := os.Rename(root, moved); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(moved) })
	if d, err = datasets.Open(filepath.Join(moved, "in-place")); err != nil {
		t.Fatal(err)
	}
	if err := d.CheckFiles(); err != nil {
		t.Errorf("moved: %v", err)
	}
	other, err := os.ReadFile(filepath.Join(moved, "tables", "pictures", "1.png"))
	if err != nil {
		t.Fatal(err)
	}
	picture = filepath.Join(moved, "tables", "pictures", "0.png")
	table = filepath.Join(moved, "tables", "pandas.csv")
	writeFile(t, picture, other)
	refused(t, d, "an image that it names was changed after the dataset was made")
	writeFile(t, picture, good)
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, table, append(text, "\n"...))
	refused(t, d, "pandas.csv: the file was changed after the dataset was made")
	if err := os.Remove(table); err != nil {
		t.Fatal(err)
	}
	refused(t, d, "pandas.csv")
}

// refused checks that a dataset is not trained on, and that verify tells of the damage.
func refused(t *testing.T, d *datasets.Dataset, want string) {
	t.Helper()
	if err := d.CheckFiles(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want %s", err, want)
	}
	if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) == 0 {
		t.Errorf("verify: %v, %v, want %s", err, problems, want)
	}
}

func TestInPlaceRefusals(t *testing.T) {
	opts := columnsOptions(t)
	opts.Split, opts.Image, opts.InPlace, opts.Size = "split", "image", true, 8
	if _, _, err := Columns(context.Background(), []string{"testdata/tables/pandas.parquet"}, opts); err == nil ||
		!strings.HasPrefix(err.Error(), "in-place: files stay as they are") {
		t.Error(err)
	}
	opts.Size = 0
	d := mustConvert(t, opts, "testdata/tables/pandas.parquet")
	if _, err := tableFiles([]string{d.Dir}); err == nil || !strings.Contains(err.Error(), "name these files") {
		t.Error(err)
	}
}
