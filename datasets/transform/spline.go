package transform

import "math"

// taps is the number of coefficients along an axis that a quadratic spline reads at one point.
const taps = 3

// spline holds the coefficients of the quadratic B-spline through an image, channels interleaved, with one pixel more on
// each side. The image goes on beyond its edges mirrored about the centre of its outermost pixels.
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

// filterSpline turns samples into coefficients along an axis of n elements that are stride values apart; each element is
// a run of lanes that are filtered side by side. One pass forwards and one backwards, as in Unser, Aldroubi and Eden,
// "Fast B-spline transforms for continuous image representation and interpolation" (1991), with mirrored edges.
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
