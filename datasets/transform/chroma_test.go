package transform

import (
	"bytes"
	"encoding/json"
	"image"
	"os"
	"testing"
)

// TestInterpolated compares JPEG images of every subsampling with the pixels that Pillow reads (testdata/chroma.py):
// the same values, or nearly those where the cosine transform is Go's, which differs by a level that the conversion to
// RGB nearly doubles.
func TestInterpolated(t *testing.T) {
	var cases []struct {
		Subsampling   string
		Width, Height int
		JPEG, Pixels  []byte
	}
	readCases(t, "testdata/chroma.json", &cases)
	for _, c := range cases {
		for chroma, most := range map[Chroma]int{LibJPEG: 0, Interpolated: 3} {
			got := make([]uint8, c.Width*c.Height*channels)
			if err := DecodeRGBInto(got, c.JPEG, c.Width, c.Height, chroma); err != nil {
				t.Errorf("%s, %d×%d: %v", c.Subsampling, c.Width, c.Height, err)
			}
			if worst := difference(got, c.Pixels); worst > most {
				t.Errorf("%s, %d×%d, %s: differs by %d levels", c.Subsampling, c.Width, c.Height, chroma, worst)
			}
		}
	}
}

// readCases reads a JSON file into cases.
func readCases(t *testing.T, path string, cases any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, cases); err != nil {
		t.Fatal(err)
	}
}

func difference(a, b []uint8) (worst int) {
	for i := range a {
		worst = max(worst, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return worst
}

// TestChromaRow has the sums of jdsample.c done by hand: exact, with no cosine transform in between.
func TestChromaRow(t *testing.T) {
	plane := []uint8{
		0, 100, 200, 9, // the last value is beyond the image
		40, 80, 255, 9,
	}
	for _, test := range []struct {
		ratio  image.YCbCrSubsampleRatio
		width  int
		height int
		row    int
		want   []uint8
	}{
		{image.YCbCrSubsampleRatio422, 6, 2, 0, []uint8{0, 25, 75, 125, 175, 200}},
		{image.YCbCrSubsampleRatio422, 5, 2, 0, []uint8{0, 25, 75, 125, 175}},
		{image.YCbCrSubsampleRatio422, 4, 2, 0, []uint8{0, 0, 100, 100}},
		{image.YCbCrSubsampleRatio440, 3, 4, 0, []uint8{0, 100, 200}},
		{image.YCbCrSubsampleRatio440, 3, 4, 1, []uint8{10, 95, 214}},
		{image.YCbCrSubsampleRatio440, 3, 4, 2, []uint8{30, 85, 241}},
		{image.YCbCrSubsampleRatio440, 3, 4, 3, []uint8{40, 80, 255}},
		{image.YCbCrSubsampleRatio440, 3, 3, 2, []uint8{30, 85, 241}},
		{image.YCbCrSubsampleRatio420, 6, 4, 0, []uint8{0, 25, 75, 125, 175, 200}},
		{image.YCbCrSubsampleRatio420, 6, 4, 1, []uint8{10, 31, 74, 125, 184, 214}},
		{image.YCbCrSubsampleRatio420, 3, 4, 1, []uint8{0, 0, 100}},
		{image.YCbCrSubsampleRatio411, 8, 2, 0, []uint8{0, 0, 0, 0, 100, 100, 100, 100}},
		{image.YCbCrSubsampleRatio410, 8, 4, 2, []uint8{40, 40, 40, 40, 80, 80, 80, 80}},
		{image.YCbCrSubsampleRatio444, 3, 2, 1, []uint8{40, 80, 255}},
	} {
		img := &image.YCbCr{CStride: 4, SubsampleRatio: test.ratio, Rect: image.Rect(0, 0, test.width, test.height)}
		got := make([]uint8, test.width)
		chromaRow(got, plane, img, test.row, new([]uint16))
		if !bytes.Equal(got, test.want) {
			t.Errorf("%v, %d×%d, row %d: %v, want %v", test.ratio, test.width, test.height, test.row, got, test.want)
		}
	}
}
