package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dirbench/dirbench/datasets/transform"
)

// textMeta describes a small text dataset in the label space of STS-B-DIR.
func textMeta() Meta {
	return Meta{
		Name: "pairs", Title: "Pairs", Modality: Text, LabelSpace: STSBSpace(), Shots: STSBShots(),
		Source: "test", Licence: "none", Made: "go test",
	}
}

// textSamples returns n samples whose labels walk over the bins.
func textSamples(split Split, n int) []Sample {
	samples := make([]Sample, n)
	for i := range samples {
		samples[i] = Sample{
			ID:        fmt.Sprintf("%s-%d", split, i),
			Label:     float32(i%51) / 10,
			Sentences: [2]string{fmt.Sprintf("a man %d", i), "ein Mädchen"},
		}
	}
	return samples
}

// writeText makes a text dataset with rows[k] samples in split k.
func writeText(t *testing.T, dir string, rows ...int) *Dataset {
	t.Helper()
	w, err := Create(dir, textMeta())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for k, split := range Splits {
		writeSplit(t, w, split, textSamples(split, rows[k]))
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

func writeSplit(t *testing.T, w *Writer, split Split, samples []Sample) {
	t.Helper()
	s, err := w.Split(split)
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if err := s.Write(sample); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	d := writeText(t, filepath.Join(t.TempDir(), "new", "pairs"), 5000, 3, 2)
	for k, split := range Splits {
		want := textSamples(split, []int{5000, 3, 2}[k])
		var got []Sample
		for sample, err := range d.Samples(split) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, sample)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", split, diff)
		}
		if rows := d.Meta.Splits[split].Rows; rows != len(want) {
			t.Errorf("%s: %d rows, want %d", split, rows, len(want))
		}
	}
	labels, err := d.Labels(Val)
	if diff := cmp.Diff([]float32{0, 0.1, 0.2}, labels); diff != "" || err != nil {
		t.Errorf("labels: %v (-want +got)\n%s", err, diff)
	}
	ids, err := d.IDs(Test)
	if diff := cmp.Diff([]string{"test-0", "test-1"}, ids); diff != "" || err != nil {
		t.Errorf("ids: %v (-want +got)\n%s", err, diff)
	}
	if diff := cmp.Diff(d.Meta.LabelSpace.Count(labelsOf(textSamples(Train, 5000))), d.TrainCounts()); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	if got := d.Regions()[:3]; got[0] != Many || got[1] != Few || got[2] != Medium {
		t.Errorf("regions of the first bins: %v, want [many few medium]", got)
	}
}

func labelsOf(samples []Sample) []float32 {
	labels := make([]float32, len(samples))
	for i, s := range samples {
		labels[i] = s.Label
	}
	return labels
}

func TestSameInputSameBytes(t *testing.T) {
	a := writeText(t, filepath.Join(t.TempDir(), "pairs"), 4100, 3, 2)
	b := writeText(t, filepath.Join(t.TempDir(), "pairs"), 4100, 3, 2)
	if diff := cmp.Diff(a.Meta, b.Meta); diff != "" {
		t.Errorf("two writings differ:\n%s", diff)
	}
}

func TestWriteRefusesBadSamples(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "pairs"), textMeta())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	s, err := w.Split(Train)
	if err != nil {
		t.Fatal(err)
	}
	good := textSamples(Train, 1)[0]
	if err := s.Write(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Sample){
		"label 7 is outside [0, 5]":   func(s *Sample) { s.Label = 7 },
		"already used in split train": func(s *Sample) { s.ID = good.ID },
		"the id is empty":             func(s *Sample) { s.ID = "" },
		"sentence 2 is empty":         func(s *Sample) { s.Sentences[1] = "" },
	} {
		bad := textSamples(Train, 2)[1]
		change(&bad)
		if err := s.Write(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if s.rows != 1 {
		t.Errorf("%d rows after refused samples, want 1", s.rows)
	}
}

// TestCreateRace: of two writers of one dataset the second finds the first one's and leaves it alone.
func TestCreateRace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pairs")
	var writers []*Writer
	for range 2 {
		w, err := Create(dir, textMeta())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		writers = append(writers, w)
	}
	for i, w := range writers {
		for _, split := range Splits {
			writeSplit(t, w, split, textSamples(split, 3+i))
		}
	}
	if err := writers[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := writers[1].Close(); !errors.Is(err, ErrExists) {
		t.Errorf("the second: %v, want ErrExists", err)
	}
	if there, err := Open(dir); err != nil || there.Meta.Splits[Train].Rows != 3 {
		t.Errorf("%+v, %v: want the first one's", there, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
		t.Errorf("%v are left (%v)", entries, err)
	}
}

func TestFailureLeavesDatasetUntouched(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pairs")
	before := writeText(t, dir, 5, 3, 2)
	if _, err := Create(dir, textMeta()); !errors.Is(err, ErrExists) {
		t.Errorf("creating over a dataset: %v, want ErrExists", err)
	}
	w, err := Overwrite(dir, textMeta())
	if err != nil {
		t.Fatal(err)
	}
	writeSplit(t, w, Train, textSamples(Train, 9))
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "split val has no samples") {
		t.Errorf("closing without a validation split: %v", err)
	}
	after, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before.Meta, after.Meta); diff != "" {
		t.Errorf("the dataset changed:\n%s", diff)
	}
	assertAlone(t, dir)
}

func TestOverwriteReplaces(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pairs")
	writeText(t, dir, 5, 3, 2)
	w, err := Overwrite(dir, textMeta())
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range Splits {
		writeSplit(t, w, split, textSamples(split, 7))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err := Open(dir); err != nil || d.Meta.Splits[Val].Rows != 7 {
		t.Errorf("after overwriting: %v, %v", d, err)
	}
	assertAlone(t, dir)
}

func TestOverwriteSparesOtherFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Overwrite(dir, textMeta()); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("overwriting a folder with other files: %v", err)
	}
}

// assertAlone checks that no temporary folder is left beside dir.
func assertAlone(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the dataset: %v, %v", entries, err)
	}
}

// TestChroma: a description tells how JPEG images are read as soon as there is one, and not otherwise.
func TestChroma(t *testing.T) {
	const png, jpeg = "\x89PNG", "\xff\xd8\xff"
	for images, want := range map[[3]string]transform.Chroma{
		{png, png, png}: transform.Repeated, {png, png, jpeg}: transform.LibJPEG, {jpeg, png, png}: transform.LibJPEG,
	} {
		meta := textMeta()
		meta.Modality = Image
		dir := filepath.Join(t.TempDir(), "pictures")
		w, err := Create(dir, meta)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		for k, split := range Splits {
			writeSplit(t, w, split, []Sample{{ID: string(split), Image: []byte(images[k])}})
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if d, err := Open(dir); err != nil || d.Meta.Chroma != want {
			t.Errorf("%q: chroma %q, want %q (%v)", images, d.Meta.Chroma, want, err)
		}
	}
	meta := textMeta()
	meta.Chroma = "halved"
	if _, err := Create(t.TempDir(), meta); err == nil ||
		!strings.Contains(err.Error(), `chroma "halved": expected libjpeg, interpolated or none`) {
		t.Errorf("error %v", err)
	}
}
