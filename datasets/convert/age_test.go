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
	"github.com/dirbench/dirbench/datasets/transform"
)

// writeFaces makes a table of nine images of 4×4 pixels in a temporary folder and returns both paths.
func writeFaces(t *testing.T) (csvPath, images string) {
	t.Helper()
	images = t.TempDir()
	table := "age,path,split\n"
	for i := range 9 {
		name := fmt.Sprintf("%d.png", i)
		pixels := make([]uint8, 4*4*3)
		for k := range pixels {
			pixels[k] = uint8(i*20 + k)
		}
		data, err := transform.EncodePNG(pixels, 4, 4)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(images, name), data)
		table += fmt.Sprintf("%d,%s,%s\n", 20+i, name, datasets.Splits[i%3])
	}
	csvPath = filepath.Join(images, "faces.csv")
	writeFile(t, csvPath, []byte(table))
	return csvPath, images
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func ageOptions(t *testing.T, images string) AgeOptions {
	return AgeOptions{Options: Options{Out: t.TempDir(), Made: "go test"}, Images: images, Shots: datasets.AgeShots()}
}

func TestAgeDBKeepsTheFiles(t *testing.T) {
	csvPath, images := writeFaces(t)
	d, rejected, err := AgeDB(context.Background(), csvPath, ageOptions(t, images))
	if err != nil || len(rejected) > 0 {
		t.Fatal(rejected, err)
	}
	var ids []string
	for sample, err := range d.Samples(datasets.Val) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, sample.ID)
		file, err := os.ReadFile(filepath.Join(images, sample.ID))
		if diff := cmp.Diff(file, sample.Image); err != nil || diff != "" {
			t.Errorf("%s: %v the stored image differs from the file", sample.ID, err)
		}
	}
	if diff := cmp.Diff([]string{"1.png", "4.png", "7.png"}, ids); diff != "" {
		t.Errorf("ids (-want +got)\n%s", diff)
	}
}

func TestAgeDBResizes(t *testing.T) {
	csvPath, images := writeFaces(t)
	opts := ageOptions(t, images)
	opts.Size = 2
	d, _, err := AgeDB(context.Background(), csvPath, opts)
	if err != nil {
		t.Fatal(err)
	}
	for sample, err := range d.Samples(datasets.Train) {
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(filepath.Join(images, sample.ID))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := transform.DecodeRGB(file, 2, 2)
		got, err := transform.DecodeRGB(sample.Image, 2, 2)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", sample.ID, err, diff)
		}
		if img, _ := transform.Decode(sample.Image); img.Bounds().Dx() != 2 {
			t.Errorf("%s: stored with %v", sample.ID, img.Bounds())
		}
	}
}

func TestAgeDBListsRejectedImages(t *testing.T) {
	csvPath, images := writeFaces(t)
	writeFile(t, filepath.Join(images, "3.png"), []byte("no image"))
	if err := os.Remove(filepath.Join(images, "7.png")); err != nil {
		t.Fatal(err)
	}
	opts := ageOptions(t, images)
	d, rejected, err := AgeDB(context.Background(), csvPath, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := []Rejection{{5, "3.png", "neither a JPEG nor a PNG image"}, {9, "7.png", "the file is missing"}}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	list, err := os.ReadFile(filepath.Join(d.Dir, RejectedFile))
	if want := "row,path,reason\n5,3.png,neither a JPEG nor a PNG image\n9,7.png,the file is missing\n"; string(
		list) != want {
		t.Errorf("%s: %v\n%s", RejectedFile, err, list)
	}
	if rows := d.Meta.Splits[datasets.Train].Rows; rows != 2 {
		t.Errorf("%d training rows, want 2", rows)
	}

	opts.Out, opts.Strict = t.TempDir(), true
	_, _, err = AgeDB(context.Background(), csvPath, opts)
	if err == nil || !strings.Contains(err.Error(), "faces.csv:5: 3.png: neither") {
		t.Errorf("strict: %v", err)
	}
}

func TestAgeDBErrors(t *testing.T) {
	tests := []struct {
		name   string
		change func(opts *AgeOptions, csvPath string) error
		want   string
	}{
		{"wrong folder", func(o *AgeOptions, _ string) error { o.Images += "/x"; return nil },
			"/x/0.png: the file is missing): is the image folder right?"},
		{"in two splits", func(_ *AgeOptions, path string) error { return appendTo(path, "24,4.png,test\n") },
			`faces.csv:11: path "4.png" is in test, and in val in line 6`},
		{"in val and test when train may share", func(o *AgeOptions, path string) error {
			o.ValInTrain = true
			return appendTo(path, "24,4.png,test\n")
		}, `faces.csv:11: path "4.png" is in test, and in val in line 6`},
		{"in train and val", func(_ *AgeOptions, path string) error { return appendTo(path, "24,4.png,train\n") },
			`faces.csv:11: path "4.png" is in train, and in val in line 6; if that is meant, convert with --val-in-train`},
		{"two ages", func(_ *AgeOptions, path string) error { return appendTo(path, "30,4.png,val\n") },
			`faces.csv:11: path "4.png" has the age 30, and 24 in line 6`},
		{"id taken", func(_ *AgeOptions, path string) error { return appendTo(path, "24,4.png#2,val\n24,4.png,val\n") },
			`faces.csv:12: the id "4.png#2" is that of line 11 already`},
		{"no test split", func(_ *AgeOptions, path string) error {
			return os.WriteFile(path, []byte("age,path,split\n1,0.png,train\n2,1.png,val\n"), 0o644)
		}, "split test has no samples"},
		{"bad thresholds", func(o *AgeOptions, _ string) error { o.Shots.Many = 5; return nil }, "expected many >= few"},
		{"bad name", func(o *AgeOptions, _ string) error { o.Name = "a/b"; return nil }, "expected a folder name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			csvPath, images := writeFaces(t)
			opts := ageOptions(t, images)
			if err := test.change(&opts, csvPath); err != nil {
				t.Fatal(err)
			}
			_, _, err := AgeDB(context.Background(), csvPath, opts)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if left, _ := os.ReadDir(opts.Out); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func appendTo(path, text string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, text...), 0o644)
}

// TestAgeDBRepeats: rows drawn with replacement are samples of their own.
func TestAgeDBRepeats(t *testing.T) {
	csvPath, images := writeFaces(t)
	if err := appendTo(csvPath, "20,0.png,train\n21,1.png,train\n20,0.png,train\n25,5.png,test\n"); err != nil {
		t.Fatal(err)
	}
	opts := ageOptions(t, images)
	opts.ValInTrain = true
	opts.Repeated = func(rows int) {
		if rows != 4 {
			t.Errorf("%d repeated rows, want 4", rows)
		}
	}
	d, _, err := AgeDB(context.Background(), csvPath, opts)
	if err != nil {
		t.Fatal(err)
	}
	got := map[datasets.Split][]string{}
	for _, split := range datasets.Splits {
		for sample, err := range d.Samples(split) {
			path, _, _ := strings.Cut(sample.ID, "#")
			file, readErr := os.ReadFile(filepath.Join(images, path))
			if err != nil || readErr != nil || string(file) != string(sample.Image) {
				t.Errorf("%s: %v %v: another image than the file's", sample.ID, err, readErr)
			}
			got[split] = append(got[split], sample.ID)
		}
	}
	want := map[datasets.Split][]string{
		datasets.Train: {"0.png", "3.png", "6.png", "0.png#2", "1.png#2", "0.png#3"},
		datasets.Val:   {"1.png", "4.png", "7.png"},
		datasets.Test:  {"2.png", "5.png", "8.png", "5.png#2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids (-want +got)\n%s", diff)
	}
	problems, err := d.Verify(context.Background(), func(datasets.Split, int) {})
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
	stats, err := d.Stats()
	if err != nil || stats.Splits[0].Rows != 6 || stats.Bins[20].Train != 3 {
		t.Errorf("%v: %d training rows, %d of age 20; want 6 and 3", err, stats.Splits[0].Rows, stats.Bins[20].Train)
	}
}

// TestReviewProtocols converts the lists of the 2026 review, whose rows are drawn with replacement.
func TestReviewProtocols(t *testing.T) {
	for name, want := range map[string][4]int{
		"extrapolation": {8728, 1066, 3450, 3499}, "interpolation": {7423, 903, 2800, 2856},
		"blindspot": {10253, 1257, 2700, 4114},
	} {
		opts := ageOptions(t, "")
		opts.Name, opts.LabelsOnly = name, true
		var got [4]int
		opts.Repeated = func(rows int) { got[3] = rows }
		d, _, err := AgeDB(context.Background(), realData(t, "agedb", "protocols", "agedb_"+name+".csv"), opts)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, split := range datasets.Splits {
			got[i] = d.Meta.Splits[split].Rows
		}
		if got != want {
			t.Errorf("%s: train, val, test and repeated rows %v, want %v", name, got, want)
		}
	}
}

func TestAgeDBRealLabels(t *testing.T) {
	opts := ageOptions(t, "")
	opts.LabelsOnly = true
	d, _, err := AgeDB(context.Background(), realData(t, "agedb", "agedb.csv"), opts)
	if err != nil {
		t.Fatal(err)
	}
	expectRegions(t, d, datasets.Train, [3]int{11154, 851, 203})
	expectRegions(t, d, datasets.Test, [3]int{1530, 448, 162})
}

func TestAgeDBRealFaces(t *testing.T) {
	csvPath := realData(t, "faces", "faces.csv")
	d, rejected, err := AgeDB(context.Background(), csvPath, ageOptions(t, filepath.Dir(csvPath)))
	if err != nil || len(rejected) > 0 {
		t.Fatal(rejected, err)
	}
	for split, want := range map[datasets.Split]int{datasets.Train: 3588, datasets.Val: 706, datasets.Test: 706} {
		if rows := d.Meta.Splits[split].Rows; rows != want {
			t.Errorf("%s: %d rows, want %d", split, rows, want)
		}
	}
}

func TestAgeEncodings(t *testing.T) {
	tests := []struct {
		size   int
		encode Encoding
		want   string // first bytes of what is stored
		width  int
	}{
		{0, "", "\x89PNG", 4}, {0, JPEG, "\xff\xd8", 4}, {2, "", "\x89PNG", 2}, {2, JPEG, "\xff\xd8", 2},
		{2, PNG, "\x89PNG", 2},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d%s", test.size, test.encode), func(t *testing.T) {
			csvPath, images := writeFaces(t)
			opts := ageOptions(t, images)
			opts.Size, opts.Encode = test.size, test.encode
			d, _, err := AgeDB(context.Background(), csvPath, opts)
			if err != nil {
				t.Fatal(err)
			}
			for sample, err := range d.Samples(datasets.Test) {
				size, sizeErr := transform.Size(sample.Image)
				if err != nil || sizeErr != nil || size.X != test.width || !strings.HasPrefix(string(sample.Image), test.want) {
					t.Errorf("%s: %v %v: %v, begins with %.4q", sample.ID, err, sizeErr, size, sample.Image)
				}
			}
		})
	}
	if err := (AgeOptions{ImageForm: ImageForm{Size: 2, Encode: Raw}}).Validate(); err == nil {
		t.Error("no error for resized images that keep their bytes")
	}
}

func TestIMDBWIKIKeepsOldAges(t *testing.T) {
	csvPath, images := writeFaces(t)
	if err := appendTo(csvPath, "186,x.png,train\n200,y.png,test\n"); err != nil {
		t.Fatal(err)
	}
	opts := ageOptions(t, images)
	opts.LabelsOnly = true
	d, _, err := IMDBWIKI(context.Background(), csvPath, opts)
	if err != nil {
		t.Fatal(err)
	}
	if m := d.Meta; m.Name != "imdb-wiki" || m.Title != "IMDB-WIKI-DIR" || m.Splits[datasets.Train].Counts[120] != 1 {
		t.Errorf("%+v", m)
	}
}

func TestReadRecords(t *testing.T) {
	text := "\ufeff\"path\",note,age,split\n\"a, b.jpg\",x,31,train\nc.jpg,,4.5,val\n"
	got, err := readRecords("x.csv", strings.NewReader(text))
	want := []record{{line: 2, age: 31, path: "a, b.jpg", split: datasets.Train},
		{line: 3, age: 4.5, path: "c.jpg", split: datasets.Val}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(record{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestReadRecordsNamesFileAndLine(t *testing.T) {
	const header = "age,path,split\n30,a.jpg,train\n"
	tests := []struct{ name, text, want string }{
		{"empty file", "", "x.csv: no rows"},
		{"header only", "age,path,split\n", "x.csv: no rows"},
		{"column", "age,file,split\n", `x.csv:1: column "path" is missing`},
		{"few columns", header + "30,a.jpg\n", "x.csv:3: expected as many columns as the header has"},
		{"quote", header + "30,\"a.jpg,train\n", "x.csv:3: extraneous or missing"},
		{"word for an age", header + "old,b.jpg,train\n", `x.csv:3: label "old": expected a finite number`},
		{"not a number", header + "nan,b.jpg,train\n", `x.csv:3: label "nan": expected a finite number`},
		{"out of range", header + "-1,b.jpg,train\n", "x.csv:3: label -1 is outside [0, 200]"},
		{"split", header + "30,b.jpg,dev\n", `x.csv:3: split "dev": expected train, val or test`},
		{"path", header + "30,,val\n", "x.csv:3: path is empty"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := readRecords("x.csv", strings.NewReader(test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with %q", err, test.want)
			}
		})
	}
}

func FuzzReadRecords(f *testing.F) {
	f.Add("age,path,split\n30,a.jpg,train\n")
	f.Add("split,age,path,more\ntest,1e3,\"a\n\",\n")
	f.Add("age,path,split\n\n\n30")
	f.Fuzz(func(t *testing.T, text string) {
		records, err := readRecords("x.csv", strings.NewReader(text))
		if (err == nil) == (len(records) == 0) {
			t.Errorf("%d rows with error %v", len(records), err)
		}
		for _, r := range records {
			if err := datasets.AgeSpace().Check(r.age); err != nil || r.path == "" {
				t.Errorf("%+v: %v", r, err)
			}
		}
	})
}

// TestAgeDBTakesAbsolutePaths as os.path.join of the official code does, which leaves out the folder before them.
func TestAgeDBTakesAbsolutePaths(t *testing.T) {
	csvPath, images := writeFaces(t)
	text, err := os.ReadFile(csvPath)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		text = []byte(strings.Replace(string(text), fmt.Sprintf(",%d.png", i),
			","+filepath.Join(images, fmt.Sprintf("%d.png", i)), 1))
	}
	writeFile(t, csvPath, text)
	d, rejected, err := AgeDB(context.Background(), csvPath, ageOptions(t, t.TempDir()))
	if err != nil || len(rejected) > 0 || d.Meta.Splits[datasets.Train].Rows != 3 {
		t.Fatal(rejected, err)
	}
}
