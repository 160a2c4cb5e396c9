package convert

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert/edf"
	"github.com/dirbench/dirbench/datasets/convert/edf/edftest"
)

// writeSHHS makes NSRR's folder with 12 subjects of two scores; files of the given ids are replaced, or missing if nil.
func writeSHHS(t *testing.T, table string, replaced map[int][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	folder := filepath.Join(dir, filepath.FromSlash(shhsRecordings))
	for _, f := range []string{folder, filepath.Join(dir, "datasets")} {
		if err := os.MkdirAll(f, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	good := edftest.Encode(30, edftest.Montage())
	for id := 1; id <= 12; id++ {
		data, ok := replaced[id]
		if !ok {
			data = good
		}
		if data != nil {
			writeFile(t, filepath.Join(folder, fmt.Sprintf("shhs2-%d.edf", id)), data)
		}
	}
	for id := 1; id <= 12; id++ {
		table += fmt.Sprintf("%d,%d\n", id, 51+id%2*40)
	}
	writeFile(t, filepath.Join(dir, "datasets", "shhs2-dataset-0.9.0.csv"), []byte(table))
	return dir
}

func TestSHHS(t *testing.T) {
	good, longer := edftest.Encode(30, edftest.Montage()), edftest.Encode(31, edftest.Montage())
	dir := writeSHHS(t, "NSRRID,GH_S2\n20,\n21,0\n22,many\n1,88\n23,101\n", map[int][]byte{
		2: nil, 3: good[:len(good)-len(good)/10], 4: edftest.Encode(10, edftest.Montage()), 5: longer[:len(longer)-10],
	})
	writeFile(t, filepath.Join(dir, filepath.FromSlash(shhsRecordings), "SHHS2-77.EDF"), good)
	opts := SHHSOptions{Options: Options{Out: t.TempDir(), Made: "go test"}, Cap: 50}
	var warnings []string
	opts.Warn = func(text string) { warnings = append(warnings, text) }
	d, rejected, err := SHHS(context.Background(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := []Rejection{
		{2, "shhs2-20.edf", "gh_s2 is missing"},
		{3, "shhs2-21.edf", "gh_s2 is 0, which stands for no answer"},
		{4, "shhs2-22.edf", `gh_s2: label "many": expected a finite number`},
		{6, "shhs2-23.edf", "gh_s2: label 101 is outside [0, 100]"},
		{7, "shhs2-1.edf", `nsrrid "1" is that of line 5 already`},
		{8, "shhs2-2.edf", "the file is missing"},
		{9, "shhs2-3.edf", "truncated: the header says 30 data records, the file holds 26"},
		{10, "shhs2-4.edf", "short record: 10 s, expected at least 30 s"},
		{0, "SHHS2-77.EDF", "no row with its nsrrid in shhs2-dataset-0.9.0.csv"},
	}
	if diff := cmp.Diff(want, rejected); diff != "" {
		t.Errorf("rejected (-want +got)\n%s", diff)
	}
	odd := []string{"shhs2-5.edf: the header says 31 data records, the file holds 30, which are used"}
	if diff := cmp.Diff(odd, warnings); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	// Usable: 1 with 88, four with 91 and four with 51. Val and test have one each of the fours.
	for split, rows := range map[datasets.Split]int{datasets.Train: 5, datasets.Val: 2, datasets.Test: 2} {
		if got := d.Meta.Splits[split].Rows; got != rows {
			t.Errorf("%s: %d rows, want %d", split, got, rows)
		}
	}
	if problems, err := d.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	list, err := os.ReadFile(filepath.Join(d.Dir, RejectedFile))
	if err != nil || !strings.HasSuffix(string(list),
		"\n,SHHS2-77.EDF,no row with its nsrrid in shhs2-dataset-0.9.0.csv\n") {
		t.Errorf("%v\n%s", err, list)
	}
}

func TestSHHSErrors(t *testing.T) {
	tests := []struct {
		name string
		make func(t *testing.T) string
		want string
	}{
		{"no folder", func(t *testing.T) string { return t.TempDir() }, "shhs2-dataset-*.csv is missing"},
		{"no column", func(t *testing.T) string { return writeSHHS(t, "nsrrid,rawgh_s2\n", nil) },
			`:1: column "gh_s2" is missing`},
		{"two tables", func(t *testing.T) string {
			dir := writeSHHS(t, "nsrrid,gh_s2\n", nil)
			writeFile(t, filepath.Join(dir, "datasets", "shhs2-dataset-0.21.0.csv"), nil)
			return dir
		}, "several files"},
		{"no recordings", func(t *testing.T) string {
			dir := writeSHHS(t, "nsrrid,gh_s2\n", nil)
			if err := os.RemoveAll(filepath.Join(dir, "polysomnography")); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "polysomnography/edfs/shhs2 is missing: expected"},
		{"nothing usable", func(t *testing.T) string {
			replaced := map[int][]byte{}
			for id := 1; id <= 12; id++ {
				replaced[id] = []byte("no EDF")
			}
			return writeSHHS(t, "nsrrid,gh_s2\n", replaced)
		}, "none of the 12 subjects can be used (line 2: shhs2-1.edf: truncated"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opts := SHHSOptions{Options: Options{Out: t.TempDir(), Made: "go test"}, Cap: 50}
			_, _, err := SHHS(context.Background(), test.make(t), opts)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if left, _ := os.ReadDir(opts.Out); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func FuzzReadSubjects(f *testing.F) {
	f.Add("nsrrid,gh_s2\n1,50\n1,60\n")
	f.Add("\ufeffGH_S2, nsrrid\n,\n1e400,2\n\"\n\",3\n")
	f.Fuzz(func(t *testing.T, text string) {
		subjects, err := readSubjects("x.csv", strings.NewReader(text))
		if (err == nil) == (len(subjects) == 0) {
			t.Errorf("%d rows with error %v", len(subjects), err)
		}
		for _, s := range subjects {
			if s.rejected == "" && (!(s.label > 0) || s.label > 100) {
				t.Errorf("%+v", s)
			}
		}
	})
}

// FuzzRecording looks for damage that the reader lets through and the conversion stumbles over.
func FuzzRecording(f *testing.F) {
	small := edftest.Montage()[1:]
	for i, rate := range []int{8, 16, 1, 8, 1, 1, 1} { // the lowest that pass
		small[i].Rate = rate
	}
	f.Add(edftest.Encode(30, small))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := edf.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if _, err := findChannels(file); err != nil {
			return
		}
		if _, err := readSignals(file); err != nil {
			t.Errorf("a recording that passed the inspection cannot be read: %v", err)
		}
	})
}

func TestSHHSReal(t *testing.T) {
	dir := filepath.Dir(realData(t, "shhs", "polysomnography"))
	d, rejected, err := SHHS(context.Background(), dir, SHHSOptions{Options: Options{Out: t.TempDir()}, Cap: 50})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Rejection{{41, "shhs2-200040.edf", "gh_s2 is missing"}}, rejected); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if rows := d.Meta.Splits[datasets.Train].Rows; rows != 25 {
		t.Errorf("%d training rows", rows)
	}
}
