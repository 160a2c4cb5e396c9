package twin

import (
	"math"
	"math/rand/v2"
)

// look is everything about a face that shows age, each in 0..1. No single one tells the age: each follows an age of
// its own, off the true one by some years, as one person greys early and another wrinkles late.
type look struct {
	infancy float64 // round head, large low eyes, small nose: falls over the first 25 years
	grey    float64 // hair and brows turn grey from about 35 to 75
	recede  float64 // the hairline climbs from 20 on
	wrinkle float64 // lines on forehead and cheeks from 25 on
	sag     float64 // jaw and cheeks from 35 on
	droop   float64 // eyelids and mouth corners, from 15 on
	nose    float64 // nose and ears lengthen all life
	pale    float64 // skin and lips lose colour all life
}

// lookSpread is the standard deviation in years of a cue's age about the true age, in adults.
const lookSpread = 7.0

func newLook(rng *rand.Rand, age float64) look {
	cue := func(from, to float64) float64 {
		spread := lookSpread * (0.25 + 0.75*min(1, age/30))
		return max(0, min(1, (age+spread*rng.NormFloat64()-from)/(to-from)))
	}
	return look{
		infancy: math.Exp(-3.5 * cue(0, 40)),
		grey:    smoothstep(cue(28, 82)),
		recede:  cue(20, 105),
		wrinkle: cue(25, 105),
		sag:     cue(35, 105),
		droop:   cue(15, 105),
		nose:    cue(-5, 105),
		pale:    cue(0, 105),
	}
}

func smoothstep(t float64) float64 { return t * t * (3 - 2*t) }

// person is what a face has regardless of age.
type person struct {
	skin, hair, iris rgb
	width            float64 // of the head, about 1
	fringe           float64 // how far the hair hangs into the forehead
	volume           float64 // of the hair around the head
}

func newPerson(rng *rand.Rand) person {
	skins := []rgb{{0.96, 0.80, 0.69}, {0.88, 0.67, 0.52}, {0.72, 0.50, 0.36}, {0.50, 0.33, 0.23}}
	hairs := []rgb{{0.10, 0.08, 0.07}, {0.28, 0.17, 0.10}, {0.45, 0.25, 0.12}, {0.72, 0.55, 0.28}}
	irises := []rgb{{0.20, 0.12, 0.06}, {0.22, 0.36, 0.50}, {0.25, 0.38, 0.22}}
	return person{
		skin:   between(rng, skins),
		hair:   between(rng, hairs),
		iris:   between(rng, irises),
		width:  1 + 0.05*rng.NormFloat64(),
		fringe: 0.05 * rng.NormFloat64(),
		volume: 0.16 + 0.05*rng.Float64(),
	}
}

// between returns a random mixture of two neighbours of a palette.
func between(rng *rand.Rand, palette []rgb) rgb {
	i := rng.IntN(len(palette) - 1)
	return mix(palette[i], palette[i+1], rng.Float64())
}

func uniform(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

// drawFace draws a face of the given age, 0 to 110 years, as a PNG of side × side pixels. Position, size, light,
// background and pixel noise vary within the setting and tell nothing about the age.
func drawFace(rng *rand.Rand, age float64, side int, s setting) ([]byte, error) {
	l, p := newLook(rng, age), newPerson(rng)
	px := float64(side)
	dx, dy := s.shift, 0.75*s.shift
	c := newCanvas(side, px*uniform(rng, s.minScale, s.maxScale),
		px*uniform(rng, 0.5-dx, 0.5+dx), px*uniform(rng, 0.5-dy, 0.5+dy))
	s.background(rng, c)
	drawHead(c, l, p)
	drawFeatures(c, l, p)
	drawWrinkles(rng, c, l, p)
	s.light(rng, c)
	return c.encode(rng, s.noise)
}
