package libjpeg_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/datasets/transform"
	"github.com/dirbench/dirbench/datasets/transform/libjpeg"
)

type form struct {
	Form          string
	Width, Height int
	JPEG, Pixels  []byte
}

// forms returns JPEG images and what Pillow reads from them (testdata/forms.py).
func forms(t testing.TB) []form {
	text, err := os.ReadFile("testdata/forms.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []form
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestPillow: every value is that of Pillow.
func TestPillow(t *testing.T) {
	for _, c := range forms(t) {
		if _, err := libjpeg.Decode(c.JPEG); err != nil { // or another decoder would be asked
			t.Errorf("%s, %d×%d: %v", c.Form, c.Width, c.Height, err)
			continue
		}
		got, err := transform.DecodeRGB(c.JPEG, c.Width, c.Height)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range c.Pixels {
			if got[i] != v {
				t.Errorf("%s, %d×%d: value %d of %d is %d, want %d", c.Form, c.Width, c.Height, i, len(got), got[i], v)
				break
			}
		}
	}
}

// TestDamage: what is cut off, at any byte, is an error, and what is changed at any byte is no panic.
func TestDamage(t *testing.T) {
	for _, c := range forms(t) {
		if c.Width > 8 && testing.Short() {
			continue
		}
		for i := range c.JPEG {
			if _, err := libjpeg.Decode(c.JPEG[:i]); err == nil {
				t.Errorf("%s: %d of %d bytes are an image", c.Form, i, len(c.JPEG))
			}
			changed := bytes.Clone(c.JPEG)
			changed[i] ^= byte(1 + i%255)
			_, _ = libjpeg.Decode(changed)
		}
	}
}

// TestClaims: an image that claims more pixels than its file can hold is refused before memory is taken.
func TestClaims(t *testing.T) {
	data := bytes.Clone(forms(t)[0].JPEG)
	frame := bytes.Index(data, []byte{0xff, 0xc0})
	copy(data[frame+5:], []byte{0x3f, 0xff, 0x3f, 0xff})
	if _, err := libjpeg.Decode(data); err == nil || !strings.Contains(err.Error(), "16383×16383 pixels in a file of") {
		t.Errorf("error %v", err)
	}
}

// TestUnsupported: what the package does not read it says, so that image/jpeg may.
func TestUnsupported(t *testing.T) {
	var cmyk bytes.Buffer
	if err := jpeg.Encode(&cmyk, image.NewCMYK(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	data := cmyk.Bytes()
	frame := bytes.Index(data, []byte{0xff, 0xc0})
	data[frame+1] = 0xc9 // arithmetic codes
	if _, err := libjpeg.Decode(data); !errors.Is(err, libjpeg.ErrUnsupported) {
		t.Errorf("error %v", err)
	}
	data[frame+1], data[frame+4] = 0xc1, 12 // bits
	if _, err := libjpeg.Decode(data); !errors.Is(err, libjpeg.ErrUnsupported) {
		t.Errorf("error %v", err)
	}
}

// FuzzDecode: nothing panics.
func FuzzDecode(f *testing.F) {
	for _, c := range forms(f) {
		f.Add(c.JPEG)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if size, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil || size.Width*size.Height > 1<<16 {
			return
		}
		_, _ = libjpeg.Decode(data)
	})
}
