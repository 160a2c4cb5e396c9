package twin

import (
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets/transform"
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

const (
	frameWidth, frameHeight = 80, 60
	maxDepth                = 10 // metres: the upper end of the label range, at which depth maps are cut off

	// Half the field of view of the camera of NYU Depth V2, as a tangent: 57 degrees across.
	halfWidth  = 0.543
	halfHeight = halfWidth * frameHeight / frameWidth
)

// hit is where a ray meets a surface.
type hit struct {
	depth float64 // metres along the optical axis
	axis  int     // across which the surface lies
	paint *paint
}

// ray returns the direction of a pixel, of length 1 along the optical axis, so that distances are depths.
func (s *scene) ray(x, y int) vec {
	a := halfWidth * (2*(float64(x)+0.5)/frameWidth - 1)
	b := halfHeight * (1 - 2*(float64(y)+0.5)/frameHeight)
	return s.forward.add(s.right, a).add(s.up, b)
}

// cast follows a ray from the eye to the nearest surface.
func (s *scene) cast(dir vec) hit {
	_, far, _, axis := s.room.slab(s.eye, dir)
	nearest := hit{far, axis, &s.room.paints[axis]}
	if axis == 2 && dir[2] < 0 {
		nearest.paint = &s.room.floor
	}
	for i := range s.furniture {
		b := &s.furniture[i]
		if near, far, axis, _ := b.slab(s.eye, dir); near < far && far > 0 && near < nearest.depth {
			nearest = hit{near, axis, &b.paints[axis]}
		}
	}
	return nearest
}

// slab returns where a ray enters and leaves the block, if near < far, and the axes of the sides it passes.
func (b *block) slab(from, dir vec) (near, far float64, nearAxis, farAxis int) {
	near, far = math.Inf(-1), math.Inf(1)
	for k := range dir {
		d := dir[k]
		if math.Abs(d) < 1e-9 {
			d = 1e-9
		}
		t0, t1 := (b.lo[k]-from[k])/d, (b.hi[k]-from[k])/d
		if t0 > t1 {
			t0, t1 = t1, t0
		}
		if t0 > near {
			near, nearAxis = t0, k
		}
		if t1 < far {
			far, farAxis = t1, k
		}
	}
	return near, far, nearAxis, farAxis
}

// look casts the rays of all pixels, unless one ends nearer or farther than the limits: then it returns false.
func (s *scene) look(near, far float64) bool {
	s.hits = make([]hit, 0, frameWidth*frameHeight)
	for at := range frameWidth * frameHeight {
		h := s.cast(s.ray(at%frameWidth, at/frameWidth))
		if h.depth < near || h.depth > far {
			return false
		}
		s.hits = append(s.hits, h)
	}
	return true
}

// depthMap returns the depth of every pixel.
func (s *scene) depthMap() transform.DepthMap {
	m := transform.DepthMap{Width: frameWidth, Height: frameHeight}
	for _, h := range s.hits {
		m.Millimetres = append(m.Millimetres, uint16(math.Round(1000*min(h.depth, maxDepth))))
	}
	return m
}

// picture returns the frame as a PNG, with the pixel noise of a small camera.
func (s *scene) picture(rng *rand.Rand) ([]byte, error) {
	pix := make([]rgb, len(s.hits))
	for at, h := range s.hits {
		pix[at] = s.colour(s.ray(at%frameWidth, at/frameWidth), h)
	}
	return encodePicture(rng, pix, frameWidth, frameHeight, 0.02)
}

// facing is the light on a surface across each axis.
var facing = [3]float64{0.8, 0.95, 1.1}

// colour shows depth in three ways: squares look smaller and lose contrast with distance, light falls off, and haze
// takes over.
func (s *scene) colour(dir vec, h hit) rgb {
	at := s.eye.add(dir, h.depth)
	parity := 0
	for k := range at {
		if k != h.axis {
			parity += int(math.Floor(at[k] / h.paint.square))
		}
	}
	pixel := h.depth * 2 * halfWidth / frameWidth
	contrast := max(0, 1-2*pixel/h.paint.square) // squares below two pixels blur into their mean
	mean := mix(h.paint.colours[0], h.paint.colours[1], 0.5)
	surface := mix(mean, h.paint.colours[parity&1], contrast)
	light := facing[h.axis] * (0.6 + 0.6/(1+h.depth*h.depth/4))
	return mix(s.haze, surface.scale(light), math.Exp(-h.depth/s.clarity)).scale(s.exposure)
}
