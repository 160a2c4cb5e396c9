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

var (
	greyHair = rgb{0.86, 0.86, 0.87}
	paleSkin = rgb{0.86, 0.82, 0.76}
	lipRed   = rgb{0.72, 0.22, 0.24}
	eyeWhite = rgb{0.96, 0.95, 0.93}
)

func (p person) skinAt(l look) rgb { return mix(p.skin, paleSkin, 0.45*l.pale) }

func (p person) hairAt(l look) rgb { return mix(p.hair, greyHair, 0.95*l.grey) }

// drawHead draws hair, ears, skull, jaw and hairline.
func drawHead(c *canvas, l look, p person) {
	skin, hair := p.skinAt(l), p.hairAt(l)
	w := p.width * (0.70 + 0.10*l.infancy)
	c.fill(ellipse(0, -0.22, w+p.volume, 0.80+p.volume-0.12*l.recede), hair, 1)
	ear := 0.15 + 0.10*l.nose
	for _, side := range []float64{-1, 1} {
		c.fill(ellipse(side*w, 0.08+ear/3, 0.10, ear), skin.scale(0.92), 1)
	}
	skull := ellipse(0, -0.20, w, 0.76)
	jaw := ellipse(0, 0.34-0.10*l.infancy, w*(0.76+0.20*l.sag+0.12*l.infancy), 0.62-0.14*l.infancy+0.06*l.sag)
	c.fill(union(skull, jaw), skin, 1)
	line := -0.50 + 0.10*l.infancy - 0.38*l.recede + p.fringe
	cap := ellipse(0, line-0.70, 1.25, 0.70)
	c.fill(intersect(ellipse(0, -0.20, w+0.03, 0.79), cap), hair, 1) // a little over the skull, or its edge would show
}

// drawFeatures draws eyes, brows, nose and mouth.
func drawFeatures(c *canvas, l look, p person) {
	skin, hair := p.skinAt(l), p.hairAt(l)
	eyeY := -0.10 + 0.22*l.infancy
	r := 0.15 + 0.09*l.infancy
	open := r * (0.78 + 0.22*l.infancy - 0.42*l.droop)
	for _, side := range []float64{-1, 1} {
		x := side * (0.31 + 0.02*l.infancy)
		c.fill(ellipse(x, eyeY, r, open), eyeWhite, 1)
		c.fill(intersect(ellipse(x, eyeY, r*0.6, r*0.6), ellipse(x, eyeY, r, open)), p.iris, 1)
		browY := eyeY - r - 0.07
		c.fill(stroke(x-side*0.15, browY, x+side*0.18, browY+0.08*l.droop, -0.03, 0.07), hair, 0.9-0.5*l.infancy)
	}
	tip := eyeY + 0.20 + 0.26*l.nose
	c.fill(stroke(0.03, eyeY+0.06, 0.05, tip, 0, 0.06), skin.scale(0.78), 0.8)
	c.fill(ellipse(0, tip, 0.07+0.07*l.nose, 0.05), skin.scale(0.72), 0.8)
	mouthY := tip + 0.24 - 0.06*l.nose
	lips := mix(lipRed, skin.scale(0.75), 0.75*l.pale)
	half := 0.20 + 0.06*(1-l.infancy)
	c.fill(stroke(-half, mouthY, half, mouthY, 0.07-0.16*l.droop, 0.14-0.08*l.pale), lips, 1)
}

// drawWrinkles draws lines across the forehead, folds beside the mouth, bags under the eyes and age spots.
func drawWrinkles(rng *rand.Rand, c *canvas, l look, p person) {
	dark := p.skinAt(l).scale(0.55)
	for i := range 3 {
		y := -0.46 - 0.13*float64(i)
		strength := max(0, min(1, 3*l.wrinkle-0.7*float64(i)))
		c.fill(stroke(-0.40, y, 0.40, y, 0.03, 0.05), dark, 0.65*strength)
	}
	for _, side := range []float64{-1, 1} {
		c.fill(stroke(side*0.18, 0.26, side*0.36, 0.58, 0.05, 0.07), dark, 0.8*l.wrinkle)
		c.fill(stroke(side*0.17, 0.11, side*0.45, 0.11, 0.05, 0.06), dark, 0.7*l.sag)
	}
	for range 7 {
		x, y := uniform(rng, -0.55, 0.55), uniform(rng, -0.7, 0.7)
		if spot := max(0, l.pale-uniform(rng, 0.45, 1)); spot > 0 {
			c.fill(ellipse(x, y, 0.07, 0.06), dark, min(0.7, 2*spot))
		}
	}
}

// setting is how the faces of a benchmark are photographed; it tells nothing about the age.
type setting struct {
	minScale, maxScale float64 // half height of the head, as a share of the picture's side
	shift              float64 // of the head from the middle, at most, as a share of the side; a quarter less in y
	background         func(*rand.Rand, *canvas)
	light              func(*rand.Rand, *canvas)
	noise              float64 // standard deviation of the pixel noise
}

// studio is the setting of the AgeDB twin: a plain background, even light.
var studio = setting{0.385, 0.43, 0.04, slopeBackground, slopeLight, 0.02}

// location is the setting of the IMDB-WIKI twin: film stills and snapshots. Heads differ more in size and place, the
// background is dark with lamps, light comes from one side and is coloured, and some pictures are black and white.
var location = setting{0.33, 0.42, 0.06, lampBackground, stageLight, 0.035}

func slopeBackground(rng *rand.Rand, c *canvas) {
	random := func() rgb { return rgb{rng.Float64(), rng.Float64(), rng.Float64()}.scale(0.8) }
	from, to := random(), random()
	sin, cos := math.Sincos(uniform(rng, 0, 2*math.Pi))
	c.shade(func(x, y float64, _ rgb) rgb {
		return mix(from, to, max(0, min(1, 0.5+0.4*(x*cos+y*sin))))
	})
}

// lampBackground is a dark wall with a few blurred lamps.
func lampBackground(rng *rand.Rand, c *canvas) {
	wall := rgb{rng.Float64(), rng.Float64(), rng.Float64()}.scale(uniform(rng, 0.05, 0.45))
	c.shade(func(_, _ float64, _ rgb) rgb { return wall })
	for range rng.IntN(6) {
		r := uniform(rng, 0.1, 0.4)
		lamp := rgb{uniform(rng, 0.5, 1), uniform(rng, 0.4, 1), uniform(rng, 0.2, 1)}
		c.fill(ellipse(uniform(rng, -1.4, 1.4), uniform(rng, -1.4, 1.4), r, r), lamp, uniform(rng, 0.2, 0.8))
	}
}

// slopeLight multiplies the picture by a slope of brightness in a random direction and a random exposure.
func slopeLight(rng *rand.Rand, c *canvas) {
	sin, cos := math.Sincos(uniform(rng, 0, 2*math.Pi))
	slope, exposure := uniform(rng, 0, 0.22), uniform(rng, 0.85, 1.12)
	c.shade(func(x, y float64, old rgb) rgb { return old.scale(exposure * (1 + slope*(x*cos+y*sin))) })
}

// greyShare is the share of black-and-white pictures on location.
const greyShare = 0.15

// stageLight is a strong slope of coloured light, mostly along x; some pictures lose their colour.
func stageLight(rng *rand.Rand, c *canvas) {
	sin, cos := math.Sincos(uniform(rng, -0.5, 0.5))
	slope, exposure := uniform(rng, -0.4, 0.4), uniform(rng, 0.7, 1.1)
	colour := rgb{uniform(rng, 0.85, 1.1), uniform(rng, 0.85, 1.05), uniform(rng, 0.75, 1.1)}
	grey := rng.Float64() < greyShare
	c.shade(func(x, y float64, old rgb) rgb {
		lit := old.scale(exposure * (1 + slope*(x*cos+y*sin)))
		for k := range lit {
			lit[k] *= colour[k]
		}
		if grey {
			lit = mix(lit, rgb{1, 1, 1}.scale(0.3*lit[0]+0.59*lit[1]+0.11*lit[2]), 1)
		}
		return lit
	})
}
