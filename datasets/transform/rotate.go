package transform

import (
	"math"
)

// RotateRGB rotates an 8-bit image of width × height × 3 values about its centre, counterclockwise for a positive angle
// in degrees, without changing its size. The result is that of scipy.ndimage.rotate(reshape=False, order=2):
// interpolation by a quadratic spline, black where there is nothing to interpolate, results rounded half up and limited
// to 0..255. dst may be src.
func RotateRGB(dst, src []uint8, width, height int, degrees float64) {
	s := newSpline(src, width, height, channels)
	rotate(dst, s, degrees, s.sampleRGB)
}

// RotatePlane is RotateRGB for an image of one channel, such as depth. Real values stay as the spline gives them:
// beside a jump it overshoots, also below 0, whereas 8-bit values are limited and rounded.
func RotatePlane[T number](dst, src []T, width, height int, degrees float64) {
	s := newSpline(src, width, height, 1)
	rotate(dst, s, degrees, s.samplePlane)
}

// point is a place in the source image: the first of the coefficients around it and their weights by row and column.
type point struct {
	inside  bool
	first   int
	rows    [taps]float64
	columns [taps]float64
}

// rotate fills dst row by row with what sample reads from the spline.
func rotate[T number](dst []T, s *spline, degrees float64, sample func([]float64, []point)) {
	sin, cos := sincos(degrees)
	midX, midY := float64(s.width-1)/2, float64(s.height-1)/2
	fromX, fromY := midX-(-sin*midY+cos*midX), midY-(cos*midY+sin*midX)
	points, values := make([]point, s.width), make([]float64, s.width*s.channels)
	for y := range s.height {
		rowX, rowY := float64(y)*-sin, float64(y)*cos
		for x := range points {
			s.locate(&points[x], rowX+float64(x)*cos+fromX, rowY+float64(x)*sin+fromY)
		}
		sample(values, points)
		store(dst[y*len(values):(y+1)*len(values)], values)
	}
}

// sincos is exact at multiples of a right angle, where the nearest float64 of an angle in radians would push border
// pixels out of the image.
func sincos(degrees float64) (sin, cos float64) {
	quarters := math.Round(degrees / 90)
	sin, cos = math.Sincos((degrees - 90*quarters) * math.Pi / 180)
	switch math.Mod(quarters, 4) {
	case 1, -3:
		return cos, -sin
	case 2, -2:
		return -sin, -cos
	case 3, -1:
		return -cos, sin
	}
	return sin, cos
}

// locate sets p to the place (x, y), in pixels from the centre of the first one.
func (s *spline) locate(p *point, x, y float64) {
	if p.inside = x >= 0 && y >= 0 && x <= float64(s.width-1) && y <= float64(s.height-1); !p.inside {
		return
	}
	column, row := int(x+0.5), int(y+0.5) // the nearest pixel is at column+1, row+1 of the coefficients
	p.first = row*s.stride + column*s.channels
	p.columns = quadratic(x - float64(column))
	p.rows = quadratic(y - float64(row))
}

// quadratic returns the values of the quadratic B-splines of a pixel and its neighbours at d from the pixel,
// -1/2 <= d <= 1/2.
func quadratic(d float64) [taps]float64 {
	middle, before := 0.75-d*d, 0.5*(0.5-d)*(0.5-d)
	return [taps]float64{before, middle, 1 - before - middle}
}

// sampleRGB evaluates a spline of three channels.
func (s *spline) sampleRGB(values []float64, points []point) {
	clear(values)
	for i := range points {
		p := &points[i]
		if !p.inside {
			continue
		}
		var r, g, b float64
		w := p.columns
		for j, row := range p.rows {
			c := s.coefficients[p.first+j*s.stride:][:taps*channels]
			r += row * (w[0]*c[0] + w[1]*c[3] + w[2]*c[6])
			g += row * (w[0]*c[1] + w[1]*c[4] + w[2]*c[7])
			b += row * (w[0]*c[2] + w[1]*c[5] + w[2]*c[8])
		}
		values[3*i], values[3*i+1], values[3*i+2] = r, g, b
	}
}

// samplePlane evaluates a spline of one channel.
func (s *spline) samplePlane(values []float64, points []point) {
	clear(values)
	for i := range points {
		p := &points[i]
		if !p.inside {
			continue
		}
		w := p.columns
		for j, row := range p.rows {
			c := s.coefficients[p.first+j*s.stride:][:taps]
			values[i] += row * (w[0]*c[0] + w[1]*c[1] + w[2]*c[2])
		}
	}
}

// store converts values to the type of dst.
func store[T number](dst []T, values []float64) {
	if bytes, ok := any(dst).([]uint8); ok {
		for i, x := range values {
			bytes[i] = uint8(min(max(x, 0)+0.5, 255))
		}
		return
	}
	for i, x := range values {
		dst[i] = T(x)
	}
}

// taps is the number of coefficients along an axis that a quadratic spline reads at one point.
const taps = 3

// spline holds the coefficients of the quadratic B-spline through an image, channels interleaved, with one pixel more
// on each side. The image goes on beyond its edges mirrored about the centre of its outermost pixels.
type spline struct {
	coefficients            []float64
	width, height, channels int
	stride                  int // of a row of coefficients
}

// number is what a pixel's channel is made of.
type number interface{ uint8 | float32 | float64 }

// newSpline fits the spline through height × width × channels values.
func newSpline[T number](src []T, width, height, channels int) *spline {
	s := &spline{width: width, height: height, channels: channels, stride: (width + 2) * channels}
	s.coefficients = make([]float64, (height+2)*s.stride)
	lanes := width * channels
	for y := range height {
		row := s.row(y)
		for i, x := range src[y*lanes : (y+1)*lanes] {
			row[channels+i] = float64(x)
		}
	}
	filterSpline(s.coefficients[s.stride+channels:], height, s.stride, lanes)
	for y := range height {
		filterSpline(s.row(y)[channels:], width, channels, channels)
		s.mirrorEnds(y)
	}
	copy(s.row(-1), s.row(min(1, height-1)))
	copy(s.row(height), s.row(max(height-2, 0)))
	return s
}

// row returns the coefficients of row y, -1 <= y <= height, with those beyond its ends.
func (s *spline) row(y int) []float64 {
	return s.coefficients[(y+1)*s.stride : (y+2)*s.stride]
}

// mirrorEnds fills in the pixel on each side of row y.
func (s *spline) mirrorEnds(y int) {
	row := s.row(y)
	pixel := func(x int) []float64 { return row[(x+1)*s.channels : (x+2)*s.channels] }
	copy(pixel(-1), pixel(min(1, s.width-1)))
	copy(pixel(s.width), pixel(max(s.width-2, 0)))
}

// pole of the filter from samples to coefficients of a quadratic spline, and the gain that goes with it.
var (
	pole = math.Sqrt(8) - 3
	gain = (1 - pole) * (1 - 1/pole)
)

// negligible is below the rounding of what a power of the pole is added to.
const negligible = 1e-40

// filterSpline turns samples into coefficients along an axis of n elements that are stride values apart; each element
// is a run of lanes that are filtered side by side. One pass forwards and one backwards, as in Unser, Aldroubi and
// Eden, "Fast B-spline transforms for continuous image representation and interpolation" (1991), with mirrored edges.
func filterSpline(values []float64, n, stride, lanes int) {
	if n < 2 {
		return // a single sample is its own coefficient
	}
	element := func(i int) []float64 { return values[i*stride:][:lanes:lanes] }
	for i := range n {
		for l := range element(i) {
			values[i*stride+l] *= gain
		}
	}
	startForwards(element, n)
	for i := 1; i < n; i++ {
		before, here := element(i-1), element(i)
		for l := range here {
			here[l] += pole * before[l]
		}
	}
	beforeLast, last := element(n-2), element(n-1)
	for l := range last {
		last[l] = (pole*beforeLast[l] + last[l]) * pole / (pole*pole - 1)
	}
	for i := n - 2; i >= 0; i-- {
		here, after := element(i), element(i+1)
		for l := range here {
			here[l] = pole * (after[l] - here[l])
		}
	}
}

// startForwards puts into the first element what the forward pass over the endless mirrored image would have there.
func startForwards(element func(int) []float64, n int) {
	first, last, across := element(0), element(n-1), math.Pow(pole, float64(n-1))
	for l := range first {
		first[l] += across * last[l]
	}
	for i, power := 1, pole; i < n-1 && math.Abs(power) > negligible; i, power = i+1, power*pole {
		here, mirrored := element(i), element(n-1-i)
		for l := range first {
			first[l] += power * (here[l] + across*mirrored[l])
		}
	}
	for l := range first {
		first[l] /= 1 - across*across
	}
}
