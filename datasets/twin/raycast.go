package twin

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets/transform"
)

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
	img := image.NewNRGBA(image.Rect(0, 0, frameWidth, frameHeight))
	for at, h := range s.hits {
		seen := s.colour(s.ray(at%frameWidth, at/frameWidth), h)
		var b [3]uint8
		for k := range seen {
			b[k] = uint8(math.Round(255 * max(0, min(1, seen[k]+0.02*rng.NormFloat64()))))
		}
		img.SetNRGBA(at%frameWidth, at/frameWidth, color.NRGBA{R: b[0], G: b[1], B: b[2], A: 255})
	}
	return encodePNG(img)
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
