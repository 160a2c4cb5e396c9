package transform

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncodePNG(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {5, 3}, {3, 5}} {
		pixels := noise(size[0] * size[1] * channels)
		file, err := EncodePNG(pixels, size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeRGB(file, size[0], size[1])
		if diff := cmp.Diff(pixels, got); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got)\n%s", size, err, diff)
		}
		again, _ := EncodePNG(pixels, size[0], size[1])
		if !bytes.Equal(file, again) {
			t.Errorf("%v: other bytes the second time", size)
		}
	}
}

func TestEncodeJPEG(t *testing.T) {
	pixels := Resize(pattern(17, 9), 17, 9)
	for i := range pixels {
		pixels[i] = uint8(100 + i%50) // one smooth ramp, which a high quality keeps
	}
	file, err := EncodeJPEG(pixels, 17, 9, 95)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRGB(file, 17, 9)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i := range got {
		sum += int(got[i]) - int(pixels[i])
	}
	if mean := float64(sum) / float64(len(got)); mean < -2 || mean > 2 {
		t.Errorf("decoded pixels differ by %g on average", mean)
	}
	if small, _ := EncodeJPEG(pixels, 17, 9, 5); len(small) >= len(file) {
		t.Errorf("%d bytes with quality 5, %d with 95", len(small), len(file))
	}
}

func TestEncodeErrors(t *testing.T) {
	tests := []struct {
		values, width, height, quality int
		want                           string
	}{
		{12, 2, 3, 90, "image of 2×3 pixels with 12 values: expected 3 a pixel"},
		{13, 2, 2, 90, "with 13 values"},
		{0, 0, 0, 90, "image of 0×0 pixels"},
		{12, -2, -2, 90, "image of -2×-2 pixels"},
		{12, 2, 2, 0, "JPEG quality 0: expected 1 to 100"},
		{12, 2, 2, 101, "JPEG quality 101"},
	}
	for _, test := range tests {
		_, err := EncodeJPEG(make([]uint8, test.values), test.width, test.height, test.quality)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v", test, err)
		}
	}
	if _, err := EncodePNG(make([]uint8, 3), 2, 1); err == nil {
		t.Error("a PNG of half an image")
	}
}

// TestFormsThatAreNotSupported has a JPEG of 12 bits a channel, which Go's decoder lacks.
func TestFormsThatAreNotSupported(t *testing.T) {
	file, err := EncodeJPEG(noise(8*8*channels), 8, 8, 90)
	if err != nil {
		t.Fatal(err)
	}
	frame := bytes.Index(file, []byte{0xff, 0xc0})
	file[frame+4] = 12 // bits
	for _, decode := range []func() error{
		func() error { _, err := Decode(file); return err },
		func() error { _, err := Size(file); return err },
	} {
		if err := decode(); err == nil || !strings.Contains(err.Error(), "this form of JPEG is not supported (precision)") {
			t.Errorf("error %v", err)
		}
	}
	file[frame+4] = 8
	if _, err := Decode(file[:len(file)/2]); err == nil || !strings.Contains(err.Error(), "damaged image") {
		t.Errorf("half a file: error %v", err)
	}
}

// TestTransparent compares PNG images of every form that has transparency with the pixels that Pillow reads
// (testdata/alpha.py).
func TestTransparent(t *testing.T) {
	var cases []struct {
		Form          string
		Width, Height int
		PNG, Pixels   []byte
	}
	readCases(t, "testdata/alpha.json", &cases)
	for _, c := range cases {
		got, err := DecodeRGB(c.PNG, c.Width, c.Height)
		if err != nil {
			t.Errorf("%s: %v", c.Form, err)
		} else if worst := difference(got, c.Pixels); worst > 0 {
			t.Errorf("%s: differs by %d levels", c.Form, worst)
		}
	}
}
