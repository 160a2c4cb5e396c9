package convert

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

func columnsOptions(t *testing.T) ColumnsOptions {
	return ColumnsOptions{
		Options: Options{Out: t.TempDir(), Name: "x", Made: "go test"}, Label: "label", ID: "id", Shots: datasets.AgeShots(),
	}
}

// mustConvert converts files without a rejection.
func mustConvert(t *testing.T, opts ColumnsOptions, paths ...string) *datasets.Dataset {
	t.Helper()
	d, rejected, err := Columns(context.Background(), paths, opts)
	if err != nil || len(rejected) > 0 {
		t.Fatalf("%v: %v, %v", paths, rejected, err)
	}
	return d
}

// foreignTables are one table as other software writes it (ci/make_foreign_tables.py).
var foreignTables = []string{"pandas.csv", "pandas.tsv", "pandas.jsonl", "pandas.parquet", "pandas.feather",
	"polars.parquet", "polars.arrow", "polars-stream.arrow", "duckdb.parquet", "pyarrow.parquet", "pyarrow.arrow", "hub",
	"hub/data-*.arrow"}

func TestColumnsOfAnyWriterGiveTheSameBytes(t *testing.T) {
	inputs := map[string]func(*ColumnsOptions){
		"image":  func(o *ColumnsOptions) { o.Image = "image" },
		"text":   func(o *ColumnsOptions) { o.Text = []string{"first", "second"} },
		"signal": func(o *ColumnsOptions) { o.Signals = []SignalColumns{{[]string{"series"}, 4}} },
		"table":  func(o *ColumnsOptions) { o.Features = []string{"first", "series", "split"} },
		"labels": func(o *ColumnsOptions) { o.LabelsOnly = true },
	}
	for name, input := range inputs {
		var want datasets.Meta
		for _, format := range []datasets.Format{datasets.Parquet, datasets.Arrow} {
			for i, table := range foreignTables {
				opts := columnsOptions(t)
				opts.Split, opts.Format = "split", format
				input(&opts)
				d := mustConvert(t, opts, filepath.Join("testdata", "tables", table))
				if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
					t.Fatalf("%s, %s: %v, %v", name, table, problems, err)
				}
				if i == 0 {
					want = d.Meta
				} else if diff := cmp.Diff(want, d.Meta); diff != "" {
					t.Errorf("%s, %s: %s", name, table, diff)
				}
			}
		}
	}
}

func TestColumnsTakeSplitsFromFileNames(t *testing.T) {
	opts := columnsOptions(t)
	opts.Split, opts.LabelsOnly = "split", true
	want := mustConvert(t, opts, "testdata/tables/pandas.csv")
	opts = columnsOptions(t)
	opts.LabelsOnly = true
	for _, split := range datasets.Splits {
		if got := mustConvert(t, opts, "testdata/tables/shards").Meta.Splits[split]; got.SHA256 != want.Meta.Splits[split].SHA256 {
			t.Errorf("%s differs", split)
		}
		opts.Overwrite = true
	}
	for path, want := range map[string]datasets.Split{
		"train-00000-of-00004.parquet": datasets.Train, "a/validation/data-00000-of-00001.arrow": datasets.Val,
		"Dev.csv": datasets.Val, "test.csv": datasets.Test, "trainees.csv": "", "a/split=valid/part-0.parquet": datasets.Val,
		"a/year=2020/part-0.parquet": "", "data.csv": "", "val_2.csv": datasets.Val, "1.csv": "",
	} {
		if got := splitOfFile(path); got != want {
			t.Errorf("%s: split %q, want %q", path, got, want)
		}
	}
}

// TestColumnsOfSavedDictionary has the folders of Hugging Face's DatasetDict.save_to_disk.
func TestColumnsOfSavedDictionary(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "dataset_dict.json"), []byte(`{"splits": ["train", "validation", "test"]}`))
	for _, split := range []string{"train", "validation", "test"} {
		if err := os.Mkdir(filepath.Join(dir, split), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, split, "state.json"),
			[]byte(`{"_data_files": [{"filename": "b.jsonl"}, {"filename": "a.jsonl"}]}`))
		for _, name := range []string{"a", "b", "unused"} {
			writeFile(t, filepath.Join(dir, split, name+".jsonl"), fmt.Appendf(nil, "{\"id\": \"%s-%s\", \"label\": 3}\n", split,
				name))
		}
	}
	opts := columnsOptions(t)
	opts.LabelsOnly = true
	d := mustConvert(t, opts, dir)
	if ids, err := d.IDs(datasets.Val); err != nil || !slices.Equal(ids, []string{"validation-b", "validation-a"}) {
		t.Errorf("%v, %v", ids, err)
	}
}

// TestFoldersOfRowsThatDoNotCount has a selection of rows, as early versions of Hugging Face's datasets saved one, and
// a Delta Lake table, which keeps files that it no longer has.
func TestFoldersOfRowsThatDoNotCount(t *testing.T) {
	selection, lake := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(selection, "state.json"),
		[]byte(`{"_data_files": [{"filename": "a.jsonl"}], "_indices_data_files": [{"filename": "indices.arrow"}]}`))
	if err := os.Mkdir(filepath.Join(lake, "_delta_log"), 0o755); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{selection: "is a selection of the rows of its files",
		lake: "a Delta Lake table"} {
		writeFile(t, filepath.Join(dir, "a.jsonl"), []byte(`{"label": 3}`))
		if _, err := tableFiles([]string{dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	writeFile(t, filepath.Join(selection, "state.json"),
		[]byte(`{"_data_files": [{"filename": "a.jsonl"}], "_indices_data_files": null}`))
	if files, err := tableFiles([]string{selection}); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestColumnsDrawSplits(t *testing.T) {
	var text bytes.Buffer
	text.WriteString("label\n")
	for i := range 40 {
		fmt.Fprintf(&text, "%v\n", float64(i%4)*0.5-1e6)
	}
	path := filepath.Join(t.TempDir(), "labels.csv")
	writeFile(t, path, text.Bytes())
	opts := columnsOptions(t)
	opts.ID, opts.LabelsOnly, opts.Cap, opts.Seed, opts.Binning.Width = "", true, 2, 1, 0.5
	d := mustConvert(t, opts, path)
	for split, rows := range map[datasets.Split]int{datasets.Train: 24, datasets.Val: 8, datasets.Test: 8} {
		if got := d.Meta.Splits[split]; got.Rows != rows || len(got.Counts) != 4 || got.Counts[0] != rows/4 ||
			got.Counts[3] != rows/4 {
			t.Errorf("%s: %d rows, %v", split, got.Rows, got.Counts)
		}
	}
	ids, err := d.IDs(datasets.Test)
	if err != nil || len(ids) != 8 || !slices.IsSortedFunc(ids, func(a, b string) int { return len(a) - len(b) }) {
		t.Errorf("ids %v, %v", ids, err)
	}
}

// TestColumnsOfPaths has images beside the table, elsewhere, damaged, and at absolute paths.
func TestColumnsOfPaths(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	for i, folder := range []string{dir, dir, elsewhere} {
		data, err := transform.EncodePNG(bytes.Repeat([]byte{uint8(i)}, 48), 4, 4)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, fmt.Sprintf("%d.png", i)), data)
	}
	writeFile(t, filepath.Join(dir, "bad.png"), []byte("text"))
	path := filepath.Join(dir, "t.jsonl")
	writeFile(t, path, fmt.Appendf(nil, `{"id": 1, "label": 5, "image": "0.png", "split": "train"}
{"id": 2, "label": 5, "image": "1.png", "split": "val"}
{"id": 3, "label": 5, "image": %q, "split": "test"}
{"id": 4, "label": 6, "image": "bad.png", "split": "train"}
{"id": 5, "label": 6, "image": "no.png", "split": "train"}
`, filepath.Join(elsewhere, "2.png")))
	opts := columnsOptions(t)
	opts.Image, opts.Split, opts.Size = "image", "split", 2
	d, rejected, err := Columns(context.Background(), []string{path}, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(rejected) != 2 || rejected[0].Line != 4 || rejected[1].Reason != "the file is missing" {
		t.Errorf("rejected %v", rejected)
	}
	if ids, err := d.IDs(datasets.Test); err != nil || !slices.Equal(ids, []string{"3"}) {
		t.Errorf("%v, %v", ids, err)
	}
	opts.Overwrite, opts.Strict = true, true
	if _, _, err := Columns(context.Background(), []string{path}, opts); err == nil ||
		!strings.Contains(err.Error(), "bad.png: neither a JPEG nor a PNG") {
		t.Errorf("strict: error %v", err)
	}
}

func TestColumnsJoinChannels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.csv")
	writeFile(t, path, []byte("id,label,split,a,b\n1,1,train,\"[1,2]\",\"[3,4]\"\n2,1,val,[1],[2]\n3,1,test,[5],[6]\n"))
	opts := columnsOptions(t)
	opts.Split, opts.Signals = "split", []SignalColumns{{[]string{"a", "b"}, 2}}
	d := mustConvert(t, opts, path)
	for s, err := range d.Samples(datasets.Train) {
		if err != nil || !slices.Equal(s.Signals[0], []float32{1, 3, 2, 4}) {
			t.Errorf("%v, %v", s.Signals, err)
		}
	}
	if diff := cmp.Diff([]datasets.ChannelGroup{{Name: "a+b", Channels: []string{"a", "b"}, Rate: 2}},
		d.Meta.Groups); diff != "" {
		t.Error(diff)
	}
	writeFile(t, path, []byte("id,label,split,a,b\n1,1,train,[1],[3]\n2,1,val,\"[1,2]\",[2]\n3,1,test,[5],[6]\n"))
	opts.Overwrite = true
	if _, _, err := Columns(context.Background(), []string{path}, opts); err == nil ||
		!strings.Contains(err.Error(), "t.csv:3: a has 2 values, b 1") {
		t.Errorf("error %v", err)
	}
}

func TestColumnsFollowLinksOfFolders(t *testing.T) {
	opts := columnsOptions(t)
	opts.Split, opts.LabelsOnly = "split", true
	link := filepath.Join(t.TempDir(), "link")
	here, err := filepath.Abs("testdata/tables/hub")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "a.csv"), []byte("id,label,split\n1,1,train\n2,2,val\n3,3,test\n"))
	for _, to := range []string{here, folder} {
		os.Remove(link)
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		opts.Out = t.TempDir()
		mustConvert(t, opts, link)
	}
	file := filepath.Join(link, "a.csv")
	_, _, err = Columns(context.Background(), []string{link, file}, opts)
	if want := file + ": the file is given twice"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestColumnsErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		writeFile(t, path, []byte(text))
		return path
	}
	broken := filepath.Join(dir, "broken.csv")
	if err := os.Symlink("nowhere.csv", broken); err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string]string{
		"a.csv: no split: draw splits with --cap 10":              write("a.csv", "id,label\n1,2\n"),
		`train.csv:3: column "label" is "old": expected a finite`: write("train.csv", "id,label\n1,2\n2,old\n"),
		`column "label" is missing: there are id, age`:            write("train-2.csv", "id,age\n1,2\n"),
		"split val has no samples":                                write("train-3.csv", "id,label\n1,2\n"),
		`train-4.jsonl:2: column "label" is null`: write("train-4.jsonl",
			"{\"id\": 1, \"label\": 1}\n{\"id\": 2, \"label\": null}\n"),
		"expected a .parquet, .arrow, .csv, .tsv or .jsonl file": write("train.txt", "id,label\n"),
		"train-5.csv: no rows":                 write("train-5.csv", "id,label\n"),
		"no such file":                         filepath.Join(dir, "none-*.csv"),
		"stat " + broken + ": no such file":    broken,
		"stat " + broken + ": no such file or": filepath.Join(dir, "brok*.csv"),
		"train-6.csv: row 2: label 1.6777217e+07 would be 1.6777216e+07": write("train-6.csv",
			"id,label\n1,16777216\n2,16777217\n"),
		`train-7.csv:1: column "label" is there 2 times: rename`: write("train-7.csv", "id,label,label\n1,2,3\n"),
		"train-8.tsv:2: 3 columns, but the header names 2":       write("train-8.tsv", "id\tlabel\nx\t1\t2\n"),
	} {
		opts := columnsOptions(t)
		opts.LabelsOnly = true
		if _, _, err := Columns(context.Background(), []string{path}, opts); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	for want, change := range map[string]func(*ColumnsOptions){
		"label: expected the column": func(o *ColumnsOptions) { o.Label = "" },
		"expected one of them":       func(o *ColumnsOptions) { o.Text = []string{"a", "b"} },
		"text: 3 columns":            func(o *ColumnsOptions) { o.LabelsOnly, o.Text = false, []string{"a", "b", "c"} },
		"leave out --cap":            func(o *ColumnsOptions) { o.Split, o.Cap = "split", 3 },
		"are about --image":          func(o *ColumnsOptions) { o.Size = 3 },
		"name: expected":             func(o *ColumnsOptions) { o.Name = "" },
		"cap -1: expected":           func(o *ColumnsOptions) { o.Cap = -1 },
		"bin-width NaN: expected":    func(o *ColumnsOptions) { o.Binning.Width = math.NaN() },
		"two finite numbers": func(o *ColumnsOptions) {
			low, high := math.Inf(-1), 3.0
			o.Binning.Low, o.Binning.High = &low, &high
		},
	} {
		opts := columnsOptions(t)
		opts.LabelsOnly = true
		change(&opts)
		if err := opts.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
