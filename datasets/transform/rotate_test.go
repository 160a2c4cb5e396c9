package transform

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// readGolden fills cases from a file of testdata, which testdata/augment.py makes.
func readGolden(t *testing.T, name string, cases any) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, cases); err != nil {
		t.Fatal(err)
	}
}

// toBytes converts numbers, which JSON writes for bytes.
func toBytes(values []int) []uint8 {
	out := make([]uint8, len(values))
	for i, x := range values {
		out[i] = uint8(x)
	}
	return out
}

// checkNear compares values; it reports the worst one only.
func checkNear[T float32 | float64](t *testing.T, what string, got, want []T, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	worst, at := 0.0, 0
	for i := range got {
		if off := math.Abs(float64(got[i]) - float64(want[i])); !(off <= worst) {
			worst, at = off, i
		}
	}
	if !(worst <= tolerance) {
		t.Errorf("%s: value %d is %v, want %v", what, at, got[at], want[at])
	}
}

// TestRotateAgreesWithSciPy compares with scipy.ndimage.rotate(reshape=False, order=2) on noise, whose overshoot 8 bits
// cannot hold.
func TestRotateAgreesWithSciPy(t *testing.T) {
	var cases []struct {
		Width, Height int
		Degrees       float64
		RGB           []int     `json:"rgb"`
		Depth         []float32 `json:"depth"`
		WantRGB       []int     `json:"want_rgb"`
		WantLevels    []int     `json:"want_levels"`
		WantDepth     []float32 `json:"want_depth"`
		WantDepth64   []float64 `json:"want_depth64"`
	}
	readGolden(t, "scipy_rotate.json", &cases)
	for _, c := range cases {
		rgb := toBytes(c.RGB)
		var levels []uint8
		for i := 1; i < len(rgb); i += channels {
			levels = append(levels, rgb[i])
		}
		RotateRGB(rgb, rgb, c.Width, c.Height, c.Degrees)
		RotatePlane(levels, levels, c.Width, c.Height, c.Degrees)
		if !slices.Equal(rgb, toBytes(c.WantRGB)) {
			t.Errorf("%d×%d by %g degrees: pixels %d, want %d", c.Width, c.Height, c.Degrees, rgb, c.WantRGB)
		}
		if !slices.Equal(levels, toBytes(c.WantLevels)) {
			t.Errorf("%d×%d by %g degrees: levels %d, want %d", c.Width, c.Height, c.Degrees, levels, c.WantLevels)
		}
		depth, depth64 := c.Depth, make([]float64, len(c.Depth))
		for i, d := range depth {
			depth64[i] = math.Round(float64(d)*1000) / 1000
		}
		RotatePlane(depth, depth, c.Width, c.Height, c.Degrees)
		RotatePlane(depth64, depth64, c.Width, c.Height, c.Degrees)
		checkNear(t, "depth", depth, c.WantDepth, 1e-6)
		checkNear(t, "depth in float64", depth64, c.WantDepth64, 1e-12)
	}
}

// noise returns values of an image that no filter has smoothed.
func noise(n int) []uint8 {
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]uint8, n)
	for i := range values {
		values[i] = uint8(rng.IntN(256))
	}
	return values
}

// TestRotateQuarters turns square images by right angles, which move pixels and change none.
func TestRotateQuarters(t *testing.T) {
	for size := 1; size < 12; size++ {
		src := noise(size * size * channels)
		at := func(y, x int) []uint8 { return src[(y*size+x)*channels:][:channels] }
		for quarters := -5; quarters <= 5; quarters++ {
			var want []uint8
			for y := range size {
				for x := range size {
					fromY, fromX := y, x
					for range (quarters + 8) % 4 {
						fromY, fromX = fromX, size-1-fromY
					}
					want = append(want, at(fromY, fromX)...)
				}
			}
			got := make([]uint8, len(src))
			RotateRGB(got, src, size, size, float64(90*quarters))
			if !slices.Equal(got, want) {
				t.Fatalf("size %d, %d degrees: got %d, want %d", size, 90*quarters, got, want)
			}
		}
	}
}

// TestRotateSizes runs all small sizes; one colour stays one colour, apart from the black around it.
func TestRotateSizes(t *testing.T) {
	for width := 1; width < 9; width++ {
		for height := 1; height < 9; height++ {
			for _, degrees := range []float64{0, 5, -5, 31, 90, 179, 1e9} {
				pixels := make([]uint8, width*height*channels)
				for i := range pixels {
					pixels[i] = uint8(200 + i%channels)
				}
				RotateRGB(pixels, pixels, width, height, degrees)
				for i, x := range pixels {
					if x != 0 && x != uint8(200+i%channels) || degrees == 0 && x == 0 {
						t.Fatalf("%d×%d by %g degrees: %d", width, height, degrees, pixels)
					}
				}
			}
		}
	}
}

func BenchmarkRotateRGB(b *testing.B) {
	src := noise(320 * 240 * channels)
	dst := make([]uint8, len(src))
	for b.Loop() {
		RotateRGB(dst, src, 320, 240, 3.7)
	}
}

func BenchmarkRotatePlane(b *testing.B) {
	src := make([]float32, 320*240)
	Unit(src, noise(len(src)))
	dst := make([]float32, len(src))
	for b.Loop() {
		RotatePlane(dst, src, 320, 240, 3.7)
	}
}
