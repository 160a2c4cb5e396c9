package twin

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

var errEnough = errors.New("enough samples")

// hashOf hashes the first samples of a twin.
func hashOf(t *testing.T, name string, o Options, limit int) string {
	t.Helper()
	sum := sha256.New()
	n := 0
	err := Generate(name, o, func(split datasets.Split, s datasets.Sample) error {
		if n++; n > limit {
			return errEnough
		}
		fmt.Fprintf(sum, "%s %s %v %q ", split, s.ID, s.Label, s.Sentences)
		if s.Subset {
			fmt.Fprint(sum, "subset ")
		}
		for _, data := range [][]byte{s.Image, s.Depth, s.Mask} {
			sum.Write(pixelsOf(t, data))
		}
		return binary.Write(sum, binary.LittleEndian, slices.Concat(s.Signals...))
	})
	if err != nil && !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// pixelsOf decodes a picture: its compressed form may change with Go.
func pixelsOf(t *testing.T, data []byte) []byte {
	t.Helper()
	if data == nil {
		return nil
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	switch img := img.(type) {
	case *image.RGBA:
		return img.Pix
	case *image.Gray:
		return img.Pix
	case *image.Gray16:
		return img.Pix
	}
	t.Fatalf("a picture is %T", img)
	return nil
}

// TestStable fails when a change alters what a seed generates: baselines then have to be made anew.
func TestStable(t *testing.T) {
	want := map[string]string{
		"imdb-wiki": "d278e895fd937794", "agedb": "2e292c83b0a6008c", "sts-b": "cc2d17e67b1ff8c2",
		"nyud2": "f9fe7846fd64094d", "shhs": "57d0b3750a061119",
	}
	for _, name := range Names() {
		got := hashOf(t, name, Options{Seed: 7, Size: 200}, math.MaxInt)
		if again := hashOf(t, name, Options{Seed: 7, Size: 200}, math.MaxInt); again != got {
			t.Errorf("%s: the same seed gives %s, then %s", name, got, again)
		}
		if hashOf(t, name, Options{Seed: 8, Size: 200}, 3) == hashOf(t, name, Options{Seed: 7, Size: 200}, 3) {
			t.Errorf("%s: seeds 7 and 8 give the same samples", name)
		}
		if runtime.GOARCH == "amd64" && got != want[name] { // others may fuse multiplications and additions
			t.Errorf("%s: seed 7 gives %s, formerly %s", name, got, want[name])
		}
	}
}

func TestSamples(t *testing.T) {
	for _, name := range Names() {
		meta, err := Meta(name, Options{Size: 200})
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		err = Generate(name, Options{Size: 200}, func(split datasets.Split, s datasets.Sample) error {
			if ids[s.ID] {
				t.Errorf("%s: id %s is used twice", name, s.ID)
			}
			ids[s.ID] = true
			if err := meta.LabelSpace.Check(s.Label); err != nil {
				t.Errorf("%s: %s: %v", name, s.ID, err)
			}
			checkInput(t, meta, split, s)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkInput(t *testing.T, meta datasets.Meta, split datasets.Split, s datasets.Sample) {
	t.Helper()
	switch meta.Modality {
	case datasets.Image:
		checkPicture(t, s, ageSide, ageSide)
	case datasets.Text:
		checkSentences(t, s)
	case datasets.Depth:
		checkPicture(t, s, frameWidth, frameHeight)
		if _, err := s.Frame(); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		if (s.Mask != nil) != (split == datasets.Test) {
			t.Errorf("%s: mask of %d bytes", s.ID, len(s.Mask))
		}
	case datasets.Signal:
		for i, group := range meta.Groups {
			want := int(group.Rate) * recordingSeconds * len(group.Channels)
			if len(s.Signals) != len(meta.Groups) || len(s.Signals[i]) != want {
				t.Fatalf("%s: %d signals, %s not of %d values", s.ID, len(s.Signals), group.Name, want)
			}
		}
	}
}

func checkPicture(t *testing.T, s datasets.Sample, width, height int) {
	t.Helper()
	c, err := png.DecodeConfig(bytes.NewReader(s.Image))
	if err != nil || c.Width != width || c.Height != height {
		t.Errorf("%s: image %d×%d, %v", s.ID, c.Width, c.Height, err)
	}
}

func checkSentences(t *testing.T, s datasets.Sample) {
	t.Helper()
	for _, sentence := range s.Sentences {
		words := strings.Split(sentence, " ")
		if len(words) < 5 || len(words) > 12 {
			t.Errorf("%s: %q: expected 5 to 12 words", s.ID, sentence)
		}
		for _, w := range words {
			if w == "" {
				t.Errorf("%s: %q: two spaces in a row", s.ID, sentence)
			}
		}
	}
}

func TestBadOptions(t *testing.T) {
	for _, test := range []struct {
		name string
		o    Options
		want string
	}{
		{"morph", Options{}, `twin "morph": unknown: expected one of imdb-wiki, agedb, sts-b, nyud2, shhs`},
		{"agedb", Options{Size: 7}, "twin agedb: size 7: expected 200 to 1000000 training samples"},
		{"sts-b", Options{Size: -1}, "twin sts-b: size -1: expected 200 to 1000000 training samples"},
	} {
		_, err := Meta(test.name, test.o)
		if err == nil || err.Error() != test.want {
			t.Errorf("Meta(%q, %v): error %v, want %s", test.name, test.o, err, test.want)
		}
		if err := Generate(test.name, test.o, nil); err == nil || err.Error() != test.want {
			t.Errorf("Generate(%q, %v): error %v, want %s", test.name, test.o, err, test.want)
		}
	}
}

func TestWrite(t *testing.T) {
	o := Options{Seed: 3, Size: 200}
	for _, name := range Names() {
		dir := filepath.Join(t.TempDir(), name+"-twin")
		if err := Write(dir, name, o, false); err != nil {
			t.Fatal(err)
		}
		first := open(t, dir)
		if m := first.Meta; !m.Twin || m.Name != name+"-twin" || !strings.HasSuffix(m.Title, " twin") ||
			!strings.Contains(m.Licence, "CC0") {
			t.Errorf("%s: not described as a twin: %+v", name, m)
		}
		if got := first.Meta.Splits[datasets.Train].Rows; got != 200 {
			t.Errorf("%s: %d training rows, want 200", name, got)
		}
		if err := Write(dir, name, o, false); !errors.Is(err, datasets.ErrExists) {
			t.Errorf("%s: writing again: error %v, want %v", name, err, datasets.ErrExists)
		}
		if err := Write(dir, name, o, true); err != nil {
			t.Fatal(err)
		}
		for split, before := range first.Meta.Splits {
			if after := open(t, dir).Meta.Splits[split].SHA256; after != before.SHA256 {
				t.Errorf("%s: split %s: the same options give another file", name, split)
			}
		}
	}
}

func open(t *testing.T, dir string) *datasets.Dataset {
	t.Helper()
	d, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDropTrain(t *testing.T) {
	whole, gaps := Options{Seed: 3, Size: 300}, Options{Seed: 3, Size: 300}
	gaps.DropTrain = datasets.LabelRanges{{Low: 3, High: 4}}
	dir := t.TempDir()
	for name, o := range map[string]Options{"whole": whole, "gaps": gaps} {
		if err := Write(filepath.Join(dir, name), "sts-b", o, false); err != nil {
			t.Fatal(err)
		}
	}
	before, after := open(t, filepath.Join(dir, "whole")).Meta, open(t, filepath.Join(dir, "gaps")).Meta
	for bin, n := range before.Splits[datasets.Train].Counts {
		if got := after.Splits[datasets.Train].Counts[bin]; bin >= 30 && bin < 40 && got != 0 || (bin < 30 || bin > 40) &&
			got != n {
			t.Errorf("bin %d: %d training samples, %d before", bin, got, n)
		}
	}
	if after.Splits[datasets.Test].SHA256 != before.Splits[datasets.Test].SHA256 {
		t.Error("the test split has changed")
	}
	regions := after.Shots.Regions(after.Splits[datasets.Train].Counts)
	if regions[30] != datasets.Few || regions[38] != datasets.Few || regions[28] != datasets.Many ||
		regions[42] != datasets.Many {
		t.Errorf("regions %v", regions)
	}
	if !strings.HasSuffix(after.Made, " --size 300 --seed 3 --drop-train 3-4") ||
		!strings.HasSuffix(after.Title, "twin, no training labels 3-4") {
		t.Errorf("title %q, made %q", after.Title, after.Made)
	}
}

func TestDropTrainRefuses(t *testing.T) {
	for name, want := range map[string]string{"nyud2": "twin nyud2: drop_train: a frame has a label for each pixel",
		"sts-b": "range 30-40: 30 is outside the labels [0, 5]"} {
		if _, err := Meta(name, Options{DropTrain: datasets.LabelRanges{{Low: 30, High: 40}}}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", name, err, want)
		}
	}
}
