package twin

import "math/rand/v2"

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
