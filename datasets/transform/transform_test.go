package transform

import (
	"bytes"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pattern is a gradient, a checker board and a product in the three channels.
func pattern(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			checker := uint8(255 * ((x/5 + y/3) % 2))
			img.Set(x, y, color.RGBA{R: uint8(x*7 + y*3), G: checker, B: uint8(x * y), A: 255})
		}
	}
	return img
}

// TestResizeAgreesWithPillow compares with Image.resize(size, BILINEAR) of Pillow 9.4 on the same pattern.
func TestResizeAgreesWithPillow(t *testing.T) {
	data, err := os.ReadFile("testdata/pillow_bilinear.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		From   [2]int `json:"from_size"`
		To     [2]int `json:"to_size"`
		Pixels []int  `json:"pixels"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got := Resize(pattern(c.From[0], c.From[1]), c.To[0], c.To[1])
		if len(got) != len(c.Pixels) {
			t.Fatalf("%v to %v: %d values, want %d", c.From, c.To, len(got), len(c.Pixels))
		}
		worst := 0.0
		for i := range got {
			worst = max(worst, math.Abs(float64(got[i])-float64(c.Pixels[i])))
		}
		if worst > 1 {
			t.Errorf("%v to %v: differs by %g grey levels", c.From, c.To, worst)
		}
	}
}

// TestDecodeVersion: whoever changes a pixel of what is kept between runs changes DecodeVersion, and then these sums.
func TestDecodeVersion(t *testing.T) {
	file, err := EncodePNG(Resize(pattern(31, 23), 31, 23), 31, 23)
	if err != nil {
		t.Fatal(err)
	}
	var sums []uint32
	for _, size := range [][2]int{{40, 30}, {12, 9}, {31, 23}} {
		pixels, err := DecodeRGB(file, size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, crc32.ChecksumIEEE(pixels),
			crc32.ChecksumIEEE(ResizeNearest(pixels[:size[0]*size[1]], size[0], size[1], 17, 8)))
	}
	if diff := cmp.Diff([]uint32{2241112390, 766702010, 243135281, 1149932651, 361127059, 2436131893}, sums); diff != "" {
		t.Errorf("PNG (-want +got)\n%s", diff)
	}
	photo, err := EncodeJPEG(Resize(pattern(31, 23), 31, 23), 31, 23, 90)
	if err != nil {
		t.Fatal(err)
	}
	for chroma, want := range map[Chroma]uint32{Repeated: 2804371368, Interpolated: 74641915, LibJPEG: 2315186183} {
		pixels := make([]uint8, 31*23*channels)
		if err := DecodeRGBInto(pixels, photo, 31, 23, chroma); err != nil {
			t.Fatal(err)
		}
		if got := crc32.ChecksumIEEE(pixels); got != want {
			t.Errorf("JPEG, chroma %q, version %d: sum %d, want %d", chroma, DecodeVersion(chroma), got, want)
		}
	}
}

func TestDecodeRGB(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, pattern(5, 4)); err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRGB(file.Bytes(), 5, 4)
	if diff := cmp.Diff(Resize(pattern(5, 4), 5, 4), got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	photo, err := EncodeJPEG(noise(16*16*channels), 16, 16, 90)
	if err != nil {
		t.Fatal(err)
	}
	empty := bytes.Clone(photo)
	size := bytes.Index(empty, []byte{0, 16, 0, 16}) // height and width in the frame header
	empty[size+3] = 0
	for want, data := range map[string][]byte{
		"it has no pixels":         empty,
		"neither a JPEG nor a PNG": []byte("GIF89a, say"),
		"damaged image":            file.Bytes()[:40],
	} {
		if _, err := DecodeRGB(data, 5, 4); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestAugment(t *testing.T) {
	// A 3×3 image whose pixel in row y, column x has the value 3y+x+1 in each channel.
	tests := []struct {
		name   string
		flip   bool
		dx, dy int
		want   [9]uint8
	}{
		{"identity", false, 1, 1, [9]uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"flip", true, 1, 1, [9]uint8{3, 2, 1, 6, 5, 4, 9, 8, 7}},
		{"upper left", false, 0, 0, [9]uint8{0, 0, 0, 0, 1, 2, 0, 4, 5}},
		{"lower right", false, 2, 2, [9]uint8{5, 6, 0, 8, 9, 0, 0, 0, 0}},
		{"crop, then flip", true, 2, 1, [9]uint8{0, 3, 2, 0, 6, 5, 0, 9, 8}},
	}
	src := make([]uint8, 27)
	for i := range src {
		src[i] = uint8(i/3 + 1)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dst := bytes.Repeat([]uint8{77}, 27)
			Augment(dst, src, 3, 1, test.flip, test.dx, test.dy)
			var got [9]uint8
			for i := range got {
				got[i] = dst[3*i]
				if dst[3*i+1] != got[i] || dst[3*i+2] != got[i] {
					t.Errorf("pixel %d: channels %v", i, dst[3*i:3*i+3])
				}
			}
			if got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNormalise(t *testing.T) {
	got := make([]float32, 3)
	Normalise(got, []uint8{0, 51, 255})
	if want := []float32{-1, -0.6, 1}; cmp.Diff(want, got) != "" {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestPackYCbCr compares with the conversion of package color, which rounds another way.
func TestPackYCbCr(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422,
		image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411,
		image.YCbCrSubsampleRatio410} {
		img := image.NewYCbCr(image.Rect(0, 0, 61, 37), ratio)
		for i, plane := range [][]uint8{img.Y, img.Cb, img.Cr} {
			copy(plane, noise(10000)[1000*i:])
		}
		got := make([]uint8, 61*37*channels)
		ResizeInto(got, img, 61, 37, Repeated)
		for i := range 61 * 37 {
			c := color.RGBAModel.Convert(img.At(i%61, i/61)).(color.RGBA)
			for channel, want := range []uint8{c.R, c.G, c.B} {
				if d := int(got[3*i+channel]) - int(want); d < -1 || d > 1 {
					t.Fatalf("%v, pixel %d, channel %d: %d, want %d", ratio, i, channel, got[3*i+channel], want)
				}
			}
		}
	}
}
