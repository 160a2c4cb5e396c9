package transform

import (
	"image"
	"math"
	"math/rand/v2"
)

// CropAndColour is one draw of the augmentation that contrastive learning uses on images (Chen, Kornblith, Norouzi,
// Hinton: A Simple Framework for Contrastive Learning of Visual Representations, ICML 2020), with the numbers of
// Rank-N-Contrast (Zha et al., NeurIPS 2023): a part of 20 to 100 % of the area whose sides are 3:4 to 4:3, scaled to
// the whole; a flip in half of the images; other colours in 80 %; grey in 20 %.
//
// The part is cut from the image at the network's size. The authors cut it from the file's.
type CropAndColour struct {
	Part image.Rectangle // within the square image
	Flip bool
	// Jitter says whether brightness, contrast and saturation are multiplied by a factor and Hue, a share of the colour
	// circle, is added, in the given order. Values are limited to 0 to 255 after each.
	Jitter                           bool
	Brightness, Contrast, Saturation float32
	Hue                              float32
	Order                            [4]int // of brightness 0, contrast 1, saturation 2, hue 3
	Grey                             bool
}

// DrawCropAndColour draws for a square image.
func DrawCropAndColour(random *rand.Rand, size int) *CropAndColour {
	factor := func() float32 { return 0.6 + 0.8*random.Float32() }
	c := &CropAndColour{Part: drawPart(random, size), Flip: random.IntN(2) == 1, Jitter: random.Float64() < 0.8}
	c.Brightness, c.Contrast, c.Saturation = factor(), factor(), factor()
	c.Hue = 0.1 * (2*random.Float32() - 1)
	copy(c.Order[:], random.Perm(len(c.Order)))
	c.Grey = random.Float64() < 0.2
	return c
}

// drawPart draws area and proportions until the part fits, ten times at most; then it is the whole image.
func drawPart(random *rand.Rand, size int) image.Rectangle {
	for range 10 {
		area := (0.2 + 0.8*random.Float64()) * float64(size*size)
		sides := math.Exp((2*random.Float64() - 1) * math.Log(4.0/3))
		width, height := int(math.Round(math.Sqrt(area*sides))), int(math.Round(math.Sqrt(area/sides)))
		if 0 < width && width <= size && 0 < height && height <= size {
			x, y := random.IntN(size-width+1), random.IntN(size-height+1)
			return image.Rect(x, y, x+width, y+height)
		}
	}
	return image.Rect(0, 0, size, size)
}

// Apply fills dst with the augmented src. Both hold size × size × 3 values and must not overlap.
func (c *CropAndColour) Apply(dst, src []uint8, size int) {
	work := workspaces.Get().(*workspace)
	defer workspaces.Put(work)
	work.resize(dst, func(into []packed, y int) {
		packRGB(into, src[((c.Part.Min.Y+y)*size+c.Part.Min.X)*channels:])
	}, c.Part.Size(), size, size)
	if c.Flip {
		Flip(dst, size, channels)
	}
	if c.Jitter || c.Grey {
		c.colour(dst)
	}
}

func packRGB(into []packed, row []uint8) {
	for i := range into {
		pixel := row[channels*i:][:channels]
		into[i] = packed(pixel[0]) | packed(pixel[1])<<laneBits | packed(pixel[2])<<(2*laneBits)
	}
}

// colour changes the colours in place.
func (c *CropAndColour) colour(pixels []uint8) {
	rgb := make([]float32, len(pixels))
	for i, v := range pixels {
		rgb[i] = float32(v)
	}
	if c.Jitter {
		for _, step := range c.Order {
			c.jitter(rgb, step)
			for i, v := range rgb {
				rgb[i] = max(0, min(v, 255))
			}
		}
	}
	if c.Grey {
		ColourJitter(rgb, [3]float32{Saturation: 1}, [3]Jitter{Saturation, Brightness, Contrast})
	}
	for i, v := range rgb {
		pixels[i] = uint8(v + 0.5)
	}
}

// jitter takes one step of the order.
func (c *CropAndColour) jitter(rgb []float32, step int) {
	switch step {
	case 0:
		mix(rgb, 0, 1-c.Brightness)
	case 1:
		mix(rgb, meanGrey(rgb), 1-c.Contrast)
	case 2:
		for i := 0; i+channels <= len(rgb); i += channels {
			mix(rgb[i:i+channels], grey(rgb[i:]), 1-c.Saturation)
		}
	default:
		for i := 0; i+channels <= len(rgb); i += channels {
			turnHue((*[channels]float32)(rgb[i:]), 6*c.Hue)
		}
	}
}

// turnHue moves the hue of a pixel by sixths of the colour circle. The largest and the smallest channel stay what they
// are.
func turnHue(rgb *[channels]float32, sixths float32) {
	r, g, b := rgb[0], rgb[1], rgb[2]
	high, low := max(r, g, b), min(r, g, b)
	chroma := high - low
	if chroma == 0 {
		return
	}
	var hue float32
	switch high {
	case r:
		hue = (g - b) / chroma
	case g:
		hue = 2 + (b-r)/chroma
	default:
		hue = 4 + (r-g)/chroma
	}
	hue += sixths
	for i, offset := range [channels]float32{5, 3, 1} { // how far a channel is from the hue at which it is smallest
		at := float32(math.Mod(float64(hue+offset)+6, 6))
		rgb[i] = high - chroma*max(0, min(at, 4-at, 1))
	}
}
