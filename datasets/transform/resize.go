package transform

import (
	"image"
	"image/draw"
	"math"
	"sync"
)

// Resize scales an image to exactly width × height, whatever its proportions, and returns its
// height × width × 3 pixels. The filter is bilinear and widens when shrinking: it is Pillow's BILINEAR, bit for bit. Grey
// images get three equal channels; transparency becomes black.
func Resize(img image.Image, width, height int) []uint8 {
	pixels := make([]uint8, width*height*channels)
	ResizeInto(pixels, img, width, height)
	return pixels
}

// ResizeInto is Resize into memory of at least height × width × 3 values.
func ResizeInto(dst []uint8, img image.Image, width, height int) {
	size := img.Bounds().Size()
	work := workspaces.Get().(*workspace)
	defer workspaces.Put(work)
	source := work.rgba(img)
	lines := grown(&work.lines, width*size.Y*channels)
	resizeRows(lines, source, size.X, size.Y, bilinear(size.X, width))
	resizeColumns(dst, lines, width, grown(&work.sums, width*channels), bilinear(size.Y, height))
}

// workspace is memory that one image after another is resized in.
type workspace struct {
	source, lines []uint8
	sums          []int32
}

var workspaces = sync.Pool{New: func() any { return &workspace{} }}

// grown returns n values of a buffer, which it enlarges if need be. What is in them is left from before.
func grown[T any](buffer *[]T, n int) []T {
	if cap(*buffer) < n {
		*buffer = make([]T, n)
	}
	return (*buffer)[:n]
}

// rgba returns the pixels of an image, 4 bytes each, the fourth of no interest.
func (w *workspace) rgba(img image.Image) []uint8 {
	bounds := img.Bounds()
	if rgba, ok := img.(*image.RGBA); ok && rgba.Stride == 4*bounds.Dx() {
		return rgba.Pix
	}
	pixels := grown(&w.source, 4*bounds.Dx()*bounds.Dy())
	into := &image.RGBA{Pix: pixels, Stride: 4 * bounds.Dx(), Rect: image.Rect(0, 0, bounds.Dx(), bounds.Dy())}
	draw.Draw(into, into.Rect, img, bounds.Min, draw.Src)
	return pixels
}

// weightBits is the precision of a filter's weights, which are whole numbers. Sums of products with 8-bit values fit 32 bits
// with two bits to spare.
const weightBits = 32 - 8 - 2

// window is the values that one value of a resized line is the weighted sum of.
type window struct {
	first   int
	weights []int32
}

// bilinear returns the window for each of to values in a line of from values: a triangle around the value's centre, one step
// of the source wide on either side, or one of the result where that is larger.
func bilinear(from, to int) []window {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	line := make([]window, to)
	for i := range line {
		centre := (float64(i) + 0.5) * scale
		first, end := max(0, int(centre-reach+0.5)), min(from, int(centre+reach+0.5))
		weights, total := make([]float64, end-first), 0.0
		for j := range weights {
			weights[j] = max(0, 1-math.Abs((float64(first+j)-centre+0.5)/reach))
			total += weights[j]
		}
		line[i] = newWindow(first, weights, total)
	}
	return line
}

// newWindow makes whole numbers of weights with a sum, without zeros at the ends.
func newWindow(first int, weights []float64, total float64) window {
	whole := make([]int32, len(weights))
	for i, w := range weights {
		whole[i] = int32(w/total*(1<<weightBits) + 0.5)
	}
	for len(whole) > 1 && whole[0] == 0 {
		first, whole = first+1, whole[1:]
	}
	for len(whole) > 1 && whole[len(whole)-1] == 0 {
		whole = whole[:len(whole)-1]
	}
	return window{first, whole}
}

// toByte rounds a weighted sum that began with half a unit. It stays below 256 as long as the weights, each rounded, add up to
// less than 1 + 1/510, which takes thousands of them to miss.
func toByte(sum int32) uint8 { return uint8(sum >> weightBits) }

const half = 1 << (weightBits - 1)

// resizeRows resizes the rows of an image of 4 bytes a pixel to one of 3.
func resizeRows(dst, src []uint8, width, height int, line []window) {
	for y := range height {
		row, into := src[4*y*width:][:4*width], dst[channels*y*len(line):][:channels*len(line)]
		for x, t := range line {
			if len(t.weights) == 2 { // all but the edges when enlarging
				pair, pixel := row[4*t.first:][:7], into[channels*x:][:channels]
				v, w := t.weights[0], t.weights[1]
				pixel[0] = toByte(half + v*int32(pair[0]) + w*int32(pair[4]))
				pixel[1] = toByte(half + v*int32(pair[1]) + w*int32(pair[5]))
				pixel[2] = toByte(half + v*int32(pair[2]) + w*int32(pair[6]))
				continue
			}
			weightedPixel(into[channels*x:], row[4*t.first:], t.weights)
		}
	}
}

// weightedPixel is the sum of pixels of 4 bytes.
func weightedPixel(dst, src []uint8, weights []int32) {
	r, g, b := int32(half), int32(half), int32(half)
	for i, w := range weights {
		pixel := src[4*i:][:channels]
		r += w * int32(pixel[0])
		g += w * int32(pixel[1])
		b += w * int32(pixel[2])
	}
	dst[0], dst[1], dst[2] = toByte(r), toByte(g), toByte(b)
}

// resizeColumns resizes the columns of an image of 3 bytes a pixel. sums is memory for a row.
func resizeColumns(dst, src []uint8, width int, sums []int32, column []window) {
	lanes := channels * width
	for y, t := range column {
		into := dst[y*lanes:][:lanes]
		if len(t.weights) == 2 {
			upper := src[t.first*lanes:][:len(into)]
			lower := src[(t.first+1)*lanes:][:len(into)]
			v, w := t.weights[0], t.weights[1]
			for i := range into {
				into[i] = toByte(half + v*int32(upper[i]) + w*int32(lower[i]))
			}
			continue
		}
		weightedRow(into, src[t.first*lanes:], sums, t.weights)
	}
}

// weightedRow is the sum of rows as long as dst.
func weightedRow(dst, src []uint8, sums []int32, weights []int32) {
	sums = sums[:len(dst)]
	for i := range sums {
		sums[i] = half
	}
	for j, w := range weights {
		row := src[j*len(sums):][:len(sums)]
		for i, v := range row {
			sums[i] += w * int32(v)
		}
	}
	for i, sum := range sums {
		dst[i] = toByte(sum)
	}
}
