package twin

import (
	"math"
	"math/rand/v2"
)

// vec is a point or direction in metres: x and y along the walls of the room, z up.
type vec [3]float64

func (a vec) add(b vec, s float64) vec { return vec{a[0] + s*b[0], a[1] + s*b[1], a[2] + s*b[2]} }

// block is a box with sides along the axes: a piece of furniture or, seen from inside, the room.
type block struct {
	lo, hi vec
	paints [3]paint // of the two sides across each axis
	floor  paint    // of the lower side across z, for the room
}

// paint is a surface: two colours that alternate in squares.
type paint struct {
	colours [2]rgb
	square  float64 // side in metres
}

// scene is a room with furniture, seen by a camera.
type scene struct {
	room      block
	furniture []block
	eye       vec
	// forward is the optical axis, of length 1; a pixel's ray is forward + a right + b up.
	forward, right, up vec
	haze               rgb     // what distance adds
	clarity            float64 // metres over which haze takes all but 1/e of a surface's colour
	exposure           float64
	hits               []hit // of each pixel, row by row; see look
}

// minDepth is the nearest depth in metres that a frame may have: below 0.7 m NYUD2's training set has nothing.
const minDepth = 0.75

// newScene draws rooms until one has nothing nearer than minDepth and nothing much farther than maxDepth in view.
func newScene(rng *rand.Rand, hall bool) scene {
	for {
		if s := drawScene(rng, hall); s.look(minDepth, 1.05*maxDepth) {
			return s
		}
	}
}

// drawScene draws a room of 2.4 to 5.2 m or a hall of up to 11.5 m, and a camera near one end that looks along it.
func drawScene(rng *rand.Rand, hall bool) scene {
	long := uniform(rng, 2.4, 5.2)
	if hall {
		long = uniform(rng, 5, 11.5)
	}
	size := vec{uniform(rng, 2.2, 4.5), long, uniform(rng, 2.4, 3)}
	s := scene{
		room:     block{hi: size, paints: [3]paint{newPaint(rng), newPaint(rng), newPaint(rng)}, floor: newPaint(rng)},
		haze:     rgb{0.45, 0.58, 0.78}.scale(uniform(rng, 0.9, 1.1)),
		clarity:  uniform(rng, 4.5, 6),
		exposure: uniform(rng, 0.85, 1.15),
		eye:      vec{uniform(rng, 0.3, 0.7) * size[0], uniform(rng, 0.1, 1), uniform(rng, 1, 1.7)},
	}
	s.aim(math.Pi/2+0.35*rng.NormFloat64(), uniform(rng, -0.35, 0.05))
	for range 1 + rng.IntN(6) {
		s.furniture = append(s.furniture, newFurniture(rng, size))
	}
	return s
}

func newPaint(rng *rand.Rand) paint {
	bright := uniform(rng, 0.35, 0.8)
	colour := rgb{bright, bright * uniform(rng, 0.6, 0.95), bright * uniform(rng, 0.3, 0.75)}
	return paint{[2]rgb{colour, colour.scale(uniform(rng, 0.5, 0.75))}, uniform(rng, 0.2, 0.3)}
}

// newFurniture stands a box between a stool and a cupboard in size on the floor.
func newFurniture(rng *rand.Rand, room vec) block {
	w, d, h := uniform(rng, 0.4, 1.6), uniform(rng, 0.4, 1.2), uniform(rng, 0.4, 1)
	if rng.Float64() < 0.3 {
		h = uniform(rng, 1.2, 2)
	}
	x, y := uniform(rng, 0, room[0]-w), uniform(rng, 0.5, room[1]-d)
	p := newPaint(rng)
	return block{lo: vec{x, y, 0}, hi: vec{x + w, y + d, h}, paints: [3]paint{p, p, p}, floor: p}
}

// aim turns the camera; both angles in radians, yaw from the x axis, pitch upwards.
func (s *scene) aim(yaw, pitch float64) {
	sinY, cosY := math.Sincos(yaw)
	sinP, cosP := math.Sincos(pitch)
	s.forward = vec{cosY * cosP, sinY * cosP, sinP}
	s.right = vec{sinY, -cosY, 0}
	s.up = vec{-cosY * sinP, -sinY * sinP, cosP}
}
