package transform

import (
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"testing"
)

// gradient is an image whose pixels are all different.
func gradient(size int) []uint8 {
	pixels := make([]uint8, 0, size*size*channels)
	for y := range size {
		for x := range size {
			pixels = append(pixels, uint8(7*x), uint8(5*y), uint8(3*x+2*y))
		}
	}
	return pixels
}

func TestCropAndColour(t *testing.T) {
	const size = 24
	src, whole := gradient(size), image.Rect(0, 0, size, size)
	mirrored := slices.Clone(src)
	Flip(mirrored, size, channels)
	grey := slices.Clone(src)
	for i := 0; i < len(grey); i += channels {
		v := uint8(0.299*float32(src[i]) + 0.587*float32(src[i+1]) + 0.114*float32(src[i+2]) + 0.5)
		grey[i], grey[i+1], grey[i+2] = v, v, v
	}
	bright := slices.Clone(src)
	for i, v := range src {
		bright[i] = uint8(min(float32(v)*1.4, 255) + 0.5)
	}
	none := CropAndColour{Part: whole, Jitter: true, Brightness: 1, Contrast: 1, Saturation: 1, Order: [4]int{3, 1, 0, 2}}
	brighter := none
	brighter.Brightness = 1.4
	tests := []struct {
		name   string
		change CropAndColour
		want   []uint8
	}{
		{"whole", CropAndColour{Part: whole}, src},
		{"flip", CropAndColour{Part: whole, Flip: true}, mirrored},
		{"factors of 1 and no turn", none, src},
		{"brightness", brighter, bright},
		{"grey", CropAndColour{Part: whole, Grey: true}, grey},
	}
	for _, test := range tests {
		got := make([]uint8, len(src))
		test.change.Apply(got, src, size)
		for i, v := range got {
			if d := int(v) - int(test.want[i]); d < -1 || d > 1 {
				t.Errorf("%s: value %d is %d, expected %d", test.name, i, v, test.want[i])
				break
			}
		}
	}
}

// A part is scaled as an image of its pixels would be.
func TestCropAndColourPart(t *testing.T) {
	const size = 24
	src, part := gradient(size), image.Rect(3, 5, 17, 16)
	cut := image.NewRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	for y := range part.Dy() {
		for x := range part.Dx() {
			p := src[((part.Min.Y+y)*size+part.Min.X+x)*channels:]
			cut.Set(x, y, color.RGBA{p[0], p[1], p[2], 255})
		}
	}
	got := make([]uint8, len(src))
	(&CropAndColour{Part: part}).Apply(got, src, size)
	if want := Resize(cut, size, size); !slices.Equal(got, want) {
		t.Error("differs from the resized part")
	}
}

func TestTurnHue(t *testing.T) {
	tests := []struct {
		from   [3]float32
		sixths float32
		want   [3]float32
	}{
		{[3]float32{200, 0, 0}, 1, [3]float32{200, 200, 0}},
		{[3]float32{200, 0, 0}, 2, [3]float32{0, 200, 0}},
		{[3]float32{200, 0, 0}, -2, [3]float32{0, 0, 200}},
		{[3]float32{200, 0, 0}, -0.5, [3]float32{200, 0, 100}},
		{[3]float32{10, 110, 60}, 6, [3]float32{10, 110, 60}},
		{[3]float32{90, 90, 90}, 3, [3]float32{90, 90, 90}},
	}
	for _, test := range tests {
		got := test.from
		turnHue(&got, test.sixths)
		for i := range got {
			if d := got[i] - test.want[i]; d < -1e-3 || d > 1e-3 {
				t.Errorf("%v turned by %g is %v, expected %v", test.from, test.sixths, got, test.want)
				break
			}
		}
	}
}

func TestDrawCropAndColour(t *testing.T) {
	const size, draws = 32, 2000
	random, whole := rand.New(rand.NewPCG(1, 2)), image.Rect(0, 0, size, size)
	var area, flips, jitters, greys float64
	for range draws {
		c := DrawCropAndColour(random, size)
		if !c.Part.In(whole) || c.Part.Empty() || min(c.Brightness, c.Contrast, c.Saturation) < 0.6 ||
			max(c.Brightness, c.Contrast, c.Saturation) > 1.4 || c.Hue < -0.1 || c.Hue > 0.1 {
			t.Fatalf("drew %+v", c)
		}
		order := c.Order
		if slices.Sort(order[:]); order != [4]int{0, 1, 2, 3} {
			t.Fatalf("order %v", c.Order)
		}
		area += float64(c.Part.Dx()*c.Part.Dy()) / (size * size * draws)
		flips += share(c.Flip) / draws
		jitters += share(c.Jitter) / draws
		greys += share(c.Grey) / draws
	}
	// Parts that are too wide or too high are drawn again, so that the mean area is below 0.6.
	if area < 0.52 || area > 0.6 || flips < 0.45 || flips > 0.55 || jitters < 0.76 || jitters > 0.84 || greys < 0.16 ||
		greys > 0.24 {
		t.Errorf("mean area %.3f, flips %.3f, other colours %.3f, grey %.3f", area, flips, jitters, greys)
	}
}

func share(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
