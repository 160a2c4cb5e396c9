package twin

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dirbench/dirbench/datasets/transform"
)

// rgb is a colour with components in 0..1.
type rgb [3]float64

func mix(a, b rgb, t float64) rgb {
	for c := range a {
		a[c] += t * (b[c] - a[c])
	}
	return a
}

func (a rgb) scale(s float64) rgb { return rgb{a[0] * s, a[1] * s, a[2] * s} }

// shape is a signed distance to an outline, negative inside; it need only be right near the outline.
type shape func(x, y float64) float64

func ellipse(cx, cy, rx, ry float64) shape {
	return func(x, y float64) float64 {
		return (length((x-cx)/rx, (y-cy)/ry) - 1) * min(rx, ry)
	}
}

// stroke is a line of the given thickness along the parabola from (x0, y0) to (x1, y1); bend moves its middle in y.
func stroke(x0, y0, x1, y1, bend, thick float64) shape {
	const pieces = 6
	var px, py [pieces + 1]float64
	for i := range px {
		t := float64(i) / pieces
		px[i] = x0 + t*(x1-x0)
		py[i] = y0 + t*(y1-y0) + 4*bend*t*(1-t)
	}
	const margin = 0.2 // in face units: farther out the soft edge has ended, and any positive distance does
	left, right := min(x0, x1)-thick/2-margin, max(x0, x1)+thick/2+margin
	top, bottom := slices.Min(py[:])-thick/2-margin, slices.Max(py[:])+thick/2+margin
	return func(x, y float64) float64 {
		if x < left || x > right || y < top || y > bottom {
			return margin
		}
		d := math.Inf(1)
		for i := range pieces {
			d = min(d, segmentDistance(x, y, px[i], py[i], px[i+1], py[i+1]))
		}
		return d - thick/2
	}
}

func segmentDistance(x, y, x0, y0, x1, y1 float64) float64 {
	dx, dy := x1-x0, y1-y0
	t := ((x-x0)*dx + (y-y0)*dy) / max(dx*dx+dy*dy, 1e-12)
	t = max(0, min(1, t))
	return length(x-x0-t*dx, y-y0-t*dy)
}

// length is math.Hypot without its care for overflow, which costs most of the drawing time.
func length(x, y float64) float64 { return math.Sqrt(x*x + y*y) }

func union(a, b shape) shape {
	return func(x, y float64) float64 { return min(a(x, y), b(x, y)) }
}

func intersect(a, b shape) shape {
	return func(x, y float64) float64 { return max(a(x, y), b(x, y)) }
}

// canvas is a square picture whose coordinates are a face's own: origin between eyes and nose, y down, and one unit
// about the half height of the head, placed by offset and scale.
type canvas struct {
	side   int
	scale  float64 // pixels per unit
	dx, dy float64 // pixel position of the origin
	pix    []rgb
}

func newCanvas(side int, scale, dx, dy float64) *canvas {
	return &canvas{side: side, scale: scale, dx: dx, dy: dy, pix: make([]rgb, side*side)}
}

// shade replaces every pixel by f of its position in face units and its old colour.
func (c *canvas) shade(f func(x, y float64, old rgb) rgb) {
	for i := range c.pix {
		x := (float64(i%c.side) + 0.5 - c.dx) / c.scale
		y := (float64(i/c.side) + 0.5 - c.dy) / c.scale
		c.pix[i] = f(x, y, c.pix[i])
	}
}

// fill paints a shape with an edge one pixel soft, so that its size and place change the picture continuously.
func (c *canvas) fill(s shape, paint rgb, alpha float64) {
	if alpha <= 0 {
		return
	}
	c.shade(func(x, y float64, old rgb) rgb {
		cover := max(0, min(1, 0.5-s(x, y)*c.scale))
		return mix(old, paint, alpha*cover)
	})
}

// encode returns the picture as a PNG; see encodePicture.
func (c *canvas) encode(rng *rand.Rand, noise float64) ([]byte, error) {
	return encodePicture(rng, c.pix, c.side, c.side, noise)
}

// encodePicture adds pixel noise of the given standard deviation and returns the picture as a PNG.
func encodePicture(rng *rand.Rand, pix []rgb, width, height int, noise float64) ([]byte, error) {
	levels := make([]uint8, 0, 3*len(pix))
	for _, p := range pix {
		for _, v := range p {
			levels = append(levels, uint8(math.Round(255*max(0, min(1, v+noise*rng.NormFloat64())))))
		}
	}
	return transform.EncodePNG(levels, width, height)
}
