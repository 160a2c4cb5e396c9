package transform

import (
	"image"
	"slices"
	"testing"
)

func TestFlip(t *testing.T) {
	rgb := []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	Flip(rgb, 2, channels)
	if want := []uint8{4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9}; !slices.Equal(rgb, want) {
		t.Errorf("got %v, want %v", rgb, want)
	}
	depth := []float32{1, 2, 3, 4, 5, 6}
	Flip(depth, 3, 1)
	if want := []float32{3, 2, 1, 6, 5, 4}; !slices.Equal(depth, want) {
		t.Errorf("got %v, want %v", depth, want)
	}
	for width := 1; width < 6; width++ {
		src := noise(width * 3 * channels)
		twice := slices.Clone(src)
		Flip(twice, width, channels)
		Flip(twice, width, channels)
		if !slices.Equal(twice, src) {
			t.Errorf("width %d: flipped twice %v, want %v", width, twice, src)
		}
	}
}

func TestCrop(t *testing.T) {
	depth := []float32{
		1, 2, 3, 4,
		5, 6, 7, 8,
		9, 10, 11, 12,
	}
	tests := []struct {
		part image.Rectangle
		want []float32
	}{
		{image.Rect(0, 0, 4, 3), depth},
		{image.Rect(1, 1, 3, 2), []float32{6, 7}},
		{image.Rect(3, 0, 4, 3), []float32{4, 8, 12}},
		{image.Rect(2, 2, 2, 2), []float32{}},
	}
	for _, test := range tests {
		if got := Crop(depth, 4, 1, test.part); !slices.Equal(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.part, got, test.want)
		}
	}
	rgb := []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	if got, want := Crop(rgb, 2, channels, image.Rect(1, 0, 2, 2)),
		[]uint8{4, 5, 6, 10, 11, 12}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestResizeNearestAgreesWithPillow compares with Image.resize(size, NEAREST) of an image that numbers its pixels.
func TestResizeNearestAgreesWithPillow(t *testing.T) {
	var cases []struct {
		From  [2]int  `json:"from_size"`
		To    [2]int  `json:"to_size"`
		Index []int32 `json:"index"`
	}
	readGolden(t, "pillow_nearest.json", &cases)
	for _, c := range cases {
		pixels := make([]int32, c.From[0]*c.From[1])
		for i := range pixels {
			pixels[i] = int32(i)
		}
		if got := ResizeNearest(pixels, c.From[0], c.From[1], c.To[0], c.To[1]); !slices.Equal(got, c.Index) {
			t.Errorf("%v to %v: got %v, want %v", c.From, c.To, got, c.Index)
		}
	}
}

// TestResizeNearestSizes runs sizes whose ratio float64 cannot hold.
func TestResizeNearestSizes(t *testing.T) {
	for from := 1; from < 60; from++ {
		for to := 1; to < 60; to++ {
			if got := ResizeNearest(make([]bool, from*2), from, 2, to, 3); len(got) != to*3 {
				t.Fatalf("%d to %d: %d values", from, to, len(got))
			}
		}
	}
}

// TestColour compares with the formulas of the official NYUD2-DIR in NumPy's float64.
func TestColour(t *testing.T) {
	var cases []struct {
		Pixels                    []int
		Noise, Alphas             [3]float32
		Order                     [3]Jitter
		Lit, Jittered, Normalised []float32
	}
	readGolden(t, "colour.json", &cases)
	for _, c := range cases {
		rgb := make([]float32, len(c.Pixels))
		Unit(rgb, toBytes(c.Pixels))
		Lighting(rgb, c.Noise)
		checkNear(t, "lighting", rgb, c.Lit, 1e-6)
		ColourJitter(rgb, c.Alphas, c.Order)
		checkNear(t, "jitter", rgb, c.Jittered, 1e-6)
		NormaliseImageNet(rgb)
		checkNear(t, "normalised", rgb, c.Normalised, 1e-5)
	}
}

func TestColourIdentity(t *testing.T) {
	rgb := make([]float32, 5*channels)
	Unit(rgb, noise(len(rgb)))
	want := append([]float32(nil), rgb...)
	Lighting(rgb, [3]float32{})
	ColourJitter(rgb, [3]float32{}, [3]Jitter{Brightness, Contrast, Saturation})
	checkNear(t, "nothing drawn", rgb, want, 0)
	// Alpha 1 leaves what is mixed in.
	grey := []float32{0.2, 0.2, 0.2, 0.6, 0.6, 0.6}
	ColourJitter(grey, [3]float32{0, 0, 1}, [3]Jitter{Brightness, Contrast, Saturation})
	checkNear(t, "grey image without colour", grey, []float32{0.2, 0.2, 0.2, 0.6, 0.6, 0.6}, 1e-7)
	ColourJitter(grey, [3]float32{0, 1, 0}, [3]Jitter{Brightness, Contrast, Saturation})
	checkNear(t, "without contrast", grey, []float32{0.4, 0.4, 0.4, 0.4, 0.4, 0.4}, 1e-7)
	ColourJitter(grey, [3]float32{1, 0, 0}, [3]Jitter{Brightness, Contrast, Saturation})
	checkNear(t, "without light", grey, make([]float32, 6), 0)
	ColourJitter(nil, [3]float32{1, 1, 1}, [3]Jitter{Brightness, Contrast, Saturation})
}
