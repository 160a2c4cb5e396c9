package convert

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert/wfdb/wfdbtest"
)

func TestPTBXL(t *testing.T) {
	for _, rate := range []int{100, 500} {
		dir := t.TempDir()
		err := wfdbtest.WritePTBXL(dir, rate, "1,56.0,3", "2,,1", "3,300.0,2", "4,2,9", "5,89,10", "6,40,11", "7,many,1",
			"1,33,1", "8,12.0,8.0", "9,30,1", "10,31,1", "11,32,1", "12,33,1")
		if err != nil {
			t.Fatal(err)
		}
		suffix := map[int]string{100: "_lr", 500: "_hr"}[rate]
		record := func(n string) string { return filepath.Dir(ptbxlRecord(rate)) + "/000" + n + suffix }
		file := func(n, ending string) string { return filepath.Join(dir, filepath.FromSlash(record(n))+ending) }
		if err := os.Remove(file("10", ".hea")); err != nil {
			t.Fatal(err)
		}
		edit(t, file("11", ".hea"), " AVF\n", " pleth\n")
		edit(t, file("12", ".hea"), "(0)/mV 16 0 6", "(0)/mmHg 16 0 6")
		edit(t, file("13", ".dat"), "\x06\x00", "\x07\x00")
		opts := PTBXLOptions{Options: Options{Out: t.TempDir(), Made: "go test"}, Rate: rate, Shots: datasets.AgeShots()}
		d, rejected, err := PTBXL(context.Background(), dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		want := []Rejection{
			{3, record("02"), "age is missing"},
			{4, record("03"), "age is 300, which stands for every age above 89"},
			{7, record("06"), `strat_fold "11": expected 1 to 10`},
			{8, record("07"), `age: label "many": expected a finite number`},
			{9, record("08"), `ecg_id "1" is that of line 2 already`},
			{11, record("10"), "the file is missing"},
			{12, record("11"), "lead aVF is missing"},
			{13, record("12"), `lead aVF: unit "mmHg": expected uV, mV or V`},
			{14, record("13"), "damaged: signal 6 (AVF) has the checksum " + map[int]string{100: "6001", 500: "30001"}[rate] +
				", the header says " + map[int]string{100: "6000", 500: "30000"}[rate]},
		}
		if diff := cmp.Diff(want, rejected); diff != "" {
			t.Errorf("rejected (-want +got)\n%s", diff)
		}
		rows := map[datasets.Split][]string{datasets.Train: {"1", "8"}, datasets.Val: {"4"}, datasets.Test: {"5"}}
		for split, ids := range rows {
			var got []string
			for sample, err := range d.Samples(split) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, sample.ID)
				series := sample.Signals[0]
				if len(series) != 10*rate*12 || series[0] != 0.001 || series[len(series)-1] != 0.012 {
					t.Errorf("%s: %d values from %v to %v", sample.ID, len(series), series[0], series[len(series)-1])
				}
			}
			if diff := cmp.Diff(ids, got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", split, diff)
			}
		}
		if group := d.Meta.Groups[0]; group.Rate != float64(rate) || len(group.Channels) != 12 || group.Unit != "mV" {
			t.Errorf("%+v", group)
		}
	}
}

// ptbxlRecord is the name of a record of a rate.
func ptbxlRecord(rate int) string {
	return map[int]string{100: "records100/00000/x", 500: "records500/00000/x"}[rate]
}

// edit replaces the first old in a file.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s: %q is not there (%v)", path, old, err)
	}
	writeFile(t, path, bytes.Replace(data, []byte(old), []byte(new), 1))
}

func TestPTBXLErrors(t *testing.T) {
	convert := func(dir string, rate int) error {
		_, _, err := PTBXL(context.Background(), dir, PTBXLOptions{Options: Options{Out: t.TempDir()}, Rate: rate})
		return err
	}
	dir := t.TempDir()
	table := func(text string) error {
		writeFile(t, filepath.Join(dir, ptbxlTable), []byte(text))
		return convert(dir, 100)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{convert(dir, 250), "rate 250: expected 100 or 500"},
		{convert(t.TempDir(), 100), "ptbxl_database.csv is missing: expected the folder of PhysioNet's PTB-XL files"},
		{table(""), "ptbxl_database.csv: no rows"},
		{table("ecg_id,age,strat_fold\n1,2,3\n"), `ptbxl_database.csv:1: column "filename_lr" is missing`},
		{table("ecg_id,age,strat_fold,filename_lr\n1,2,3\n"), "ptbxl_database.csv:2: expected as many columns"},
		{table("\ufeffecg_id,age,strat_fold,filename_lr\n1,2,3,x\n\n"),
			"none of the recordings can be used (line 2: x: the file is missing)"},
		{table("ecg_id,age,strat_fold,filename_lr\n1,300,3,x\n"),
			"none of the recordings can be used (line 2: x: age is 300"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("error %v, want %q", tt.err, tt.want)
		}
	}
}
