package datasets

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func verify(t *testing.T, d *Dataset) []Problem {
	t.Helper()
	problems, err := d.Verify(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// writeFaulty makes a small image dataset whose training samples change has spoilt, past the writer's checks.
func writeFaulty(t *testing.T, change func(samples []Sample)) *Dataset {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "images")
	meta := textMeta()
	meta.Modality = Image
	w, err := Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	var pixel bytes.Buffer
	if err := png.Encode(&pixel, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	for _, split := range Splits {
		samples := textSamples(split, 4)
		for i := range samples {
			samples[i].Image = pixel.Bytes()
		}
		if split == Train {
			change(samples)
		}
		s, err := w.Split(split)
		if err != nil {
			t.Fatal(err)
		}
		for _, sample := range samples {
			s.append(sample)
			s.counts[meta.LabelSpace.Bin(sample.Label)]++
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestVerifyFindsFaultySamples(t *testing.T) {
	nan := float32(math.NaN())
	tests := []struct {
		name   string
		change func(s []Sample)
		want   string
	}{
		{"none", func([]Sample) {}, ""},
		{"out of range", func(s []Sample) { s[1].Label = 5.5 },
			`train.parquet: row 2, id "train-1": label 5.5 is outside [0, 5]`},
		{"not a number", func(s []Sample) { s[1].Label = nan }, `row 2: column "label" is NaN: expected a finite number`},
		{"same id", func(s []Sample) { s[3].ID = "train-0" }, `row 4, id "train-0": the id is already used in split train`},
		{"id of another split", func(s []Sample) { s[3].ID = "val-2" },
			`val.parquet: row 3, id "val-2": the id is already used in split train`},
		{"no image", func(s []Sample) { s[2].Image = nil }, `row 3, id "train-2": the image is empty`},
		{"not an image", func(s []Sample) { s[2].Image = []byte("text") },
			`row 3, id "train-2": neither a JPEG nor a PNG image`},
		{"half an image", func(s []Sample) { s[2].Image = s[2].Image[:40] }, `row 3, id "train-2": damaged image`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectProblem(t, verify(t, writeFaulty(t, test.change)), test.want)
		})
	}
}

// expectProblem checks that want begins or lies in one of the problems; an empty want expects none.
func expectProblem(t *testing.T, problems []Problem, want string) {
	t.Helper()
	if want == "" && len(problems) == 0 {
		return
	}
	for _, p := range problems {
		if want != "" && strings.Contains(p.String(), want) {
			return
		}
	}
	t.Errorf("got %v, want %q", problems, want)
}

func TestVerifyFindsFaultyFiles(t *testing.T) {
	edit := func(d *Dataset, change func(*SplitMeta)) {
		part := d.Meta.Splits[Val]
		change(&part)
		d.Meta.Splits[Val] = part
	}
	tests := []struct {
		name   string
		damage func(d *Dataset) error
		want   string
	}{
		{"missing", func(d *Dataset) error { return os.Remove(d.Files(Val)[0]) }, "val.parquet: the file is missing"},
		{"truncated", func(d *Dataset) error { return os.Truncate(d.Files(Val)[0], 100) }, "val.parquet: sha256 is"},
		{"truncated", func(d *Dataset) error { return os.Truncate(d.Files(Val)[0], 100) },
			"val.parquet: damaged Parquet file"},
		{"empty", emptyVal, "val.parquet: the split is empty"},
		{"rows", func(d *Dataset) error { edit(d, func(p *SplitMeta) { p.Rows = 9 }); return nil },
			"4 rows, dataset.yaml says 9"},
		{"counts", func(d *Dataset) error { edit(d, func(p *SplitMeta) { p.Counts[2] = 5 }); return nil },
			"bin 2 holds 1 labels, dataset.yaml says 5"},
		{"columns", func(d *Dataset) error { d.Meta.Modality = Text; return nil }, `column "sentence1" is missing`},
		{"other split's file", func(d *Dataset) error { edit(d, func(p *SplitMeta) { p.File = "test.parquet" }); return nil },
			`the id is already used in split val`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := writeFaulty(t, func([]Sample) {})
			if err := test.damage(d); err != nil {
				t.Fatal(err)
			}
			expectProblem(t, verify(t, d), test.want)
		})
	}
}

// emptyVal puts a Parquet file without rows in the place of the validation split.
func emptyVal(d *Dataset) error {
	w, err := Overwrite(d.Dir, d.Meta)
	if err != nil {
		return err
	}
	defer w.Abort()
	s, err := w.Split(Val)
	if err != nil {
		return err
	}
	return errors.Join(s.records.Close(), os.Rename(s.file.Name(), d.Files(Val)[0]))
}

func TestVerifyStopsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := writeFaulty(t, func([]Sample) {}).Verify(ctx, nil); err == nil {
		t.Error("no error from a cancelled context")
	}
}
