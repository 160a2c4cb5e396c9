package transform

import "testing"

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
