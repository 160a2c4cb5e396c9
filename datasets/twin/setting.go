package twin

import (
	"math"
	"math/rand/v2"
)

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
