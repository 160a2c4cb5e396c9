package datasets

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeAs makes a dataset in a format, with the samples that of gives.
func writeAs(t *testing.T, format Format, meta Meta, of func(Split) []Sample) *Dataset {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "d")
	w, err := Create(dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	w.Format = format
	for _, split := range Splits {
		writeSplit(t, w, split, of(split))
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

func TestArrowHoldsWhatParquetHolds(t *testing.T) {
	var pixel bytes.Buffer
	if err := png.Encode(&pixel, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	samples := func(modality Modality) func(Split) []Sample {
		return func(split Split) []Sample {
			list := textSamples(split, 5000)
			for i := range list {
				switch modality {
				case Image:
					list = list[:300]
					list[i%300].Image = pixel.Bytes()
				case Signal:
					list[i].Signals = [][]float32{{float32(i), 2}, {3}}
				}
			}
			return list
		}
	}
	for _, modality := range []Modality{Text, Image, Signal, LabelOnly} {
		meta := textMeta()
		meta.Modality = modality
		if modality == Signal {
			meta.Groups = []ChannelGroup{{Name: "eeg", Channels: []string{"a", "b"}, Rate: 64},
				{Name: "ecg", Channels: []string{"c"}, Rate: 1}}
		}
		parquet, arrow := writeAs(t, Parquet, meta, samples(modality)), writeAs(t, Arrow, meta, samples(modality))
		if file := arrow.Meta.Splits[Train].File; file != "train.arrow" {
			t.Errorf("%s: the file is called %s", modality, file)
		}
		for _, split := range Splits {
			if diff := cmp.Diff(allSamples(t, parquet, split), allSamples(t, arrow, split)); diff != "" {
				t.Fatalf("%s, %s: %s", modality, split, diff)
			}
		}
		if problems, err := arrow.Verify(context.Background(), nil); err != nil || len(problems) > 0 {
			t.Errorf("%s: %v, %v", modality, problems, err)
		}
		again := writeAs(t, Arrow, meta, samples(modality))
		if diff := cmp.Diff(arrow.Meta, again.Meta); diff != "" {
			t.Errorf("%s: the same samples give another file: %s", modality, diff)
		}
	}
}

func allSamples(t *testing.T, d *Dataset, split Split) (samples []Sample) {
	t.Helper()
	for s, err := range d.Samples(split) {
		if err != nil {
			t.Fatal(err)
		}
		samples = append(samples, s)
	}
	return samples
}

func TestDamagedArrowFilesGiveOneLine(t *testing.T) {
	d := writeAs(t, Arrow, textMeta(), func(split Split) []Sample { return textSamples(split, 100) })
	data, err := os.ReadFile(d.Files(Train)[0])
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"empty": nil, "half": data[:len(data)/2], "another": []byte("id,label\n1,2\n"),
		"overwritten": append(bytes.Clone(data[:400]), append(bytes.Repeat([]byte{0xff}, 200), data[600:]...)...),
	} {
		if err := os.WriteFile(d.Files(Train)[0], damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		err := drain(d)
		if err == nil || !strings.Contains(err.Error(), "train.arrow: damaged Arrow file") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestSplitsAreParquetOrArrow(t *testing.T) {
	d := writeText(t, filepath.Join(t.TempDir(), "d"), 1, 1, 1)
	path := filepath.Join(d.Dir, MetaFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte("val.parquet"), []byte("val.csv"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.Dir); err == nil ||
		!strings.Contains(err.Error(), `val: file "val.csv": expected a .parquet or .arrow file`) {
		t.Errorf("error %v", err)
	}
	if _, err := ParseFormat("csv"); err == nil {
		t.Error("csv is a format of splits")
	}
}
