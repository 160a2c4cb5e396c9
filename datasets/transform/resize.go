package transform

import (
	"image"
	"image/draw"
	"math"
	"math/bits"
	"sync"
)

// Resize scales an image to exactly width × height, whatever its proportions, and returns its height × width × 3
// pixels. The filter is bilinear and widens when shrinking, as Pillow's BILINEAR does, from which the result differs by
// a grey level at most. Grey images get three equal channels; transparency becomes black; chroma is interpolated.
func Resize(img image.Image, width, height int) []uint8 {
	pixels := make([]uint8, width*height*channels)
	ResizeInto(pixels, img, width, height, LibJPEG)
	return pixels
}

// ResizeInto is Resize into memory of at least height × width × 3 values.
func ResizeInto(dst []uint8, img image.Image, width, height int, chroma Chroma) {
	work := workspaces.Get().(*workspace)
	defer workspaces.Put(work)
	work.resize(dst, work.packer(img, chroma), img.Bounds().Size(), width, height)
}

// resize scales an image of a size whose row y packRow returns.
func (work *workspace) resize(dst []uint8, packRow func(dst []packed, y int), size image.Point, width, height int) {
	columns, rows := work.columns.resizing(size.X, width), work.rows.resizing(size.Y, height)
	lines := grown(&work.lines, width*size.Y)
	row := grown(&work.row, size.X)
	for y := range size.Y {
		packRow(row, y)
		resizeRow(lines[y*width:][:width], row, columns)
	}
	sums := grown(&work.sums, width)
	for y, window := range rows {
		addRows(sums, lines[window.first*width:], window.weights)
		unpackRow(dst[y*width*channels:], sums)
	}
}

// workspace is memory that one image after another is resized in.
type workspace struct {
	source, cb, cr   []uint8
	chromaSums       []uint16
	row, lines, sums []packed
	columns, rows    lastWindows
}

var workspaces = sync.Pool{New: func() any { return &workspace{} }}

// grown returns n values of a buffer, which it enlarges if need be. What is in them is left from before.
func grown[T any](buffer *[]T, n int) []T {
	if cap(*buffer) < n {
		*buffer = make([]T, n)
	}
	return (*buffer)[:n]
}

// resizeRow makes each pixel of a row of the ones in its window.
func resizeRow(dst, src []packed, windows []window) {
	for i, w := range windows[:len(dst)] {
		if len(w.weights) == 2 { // all but the edges when enlarging
			pair := src[w.first:][:2]
			dst[i] = (half + w.weights[0]*pair[0] + w.weights[1]*pair[1]).rounded()
			continue
		}
		sum := packed(half)
		for j, p := range src[w.first:][:len(w.weights)] {
			sum += w.weights[j] * p
		}
		dst[i] = sum.rounded()
	}
}

// addRows makes a row of the first ones of lines.
func addRows(dst, lines []packed, weights []packed) {
	if len(weights) == 2 {
		upper, lower := lines[:len(dst)], lines[len(dst):][:len(dst)]
		for i := range dst {
			dst[i] = (half + weights[0]*upper[i] + weights[1]*lower[i]).rounded()
		}
		return
	}
	for i := range dst {
		dst[i] = half
	}
	for j, w := range weights {
		line := lines[j*len(dst):][:len(dst)]
		for i, p := range line {
			dst[i] += w * p
		}
	}
	for i, p := range dst {
		dst[i] = p.rounded()
	}
}

// window is the part of a line that one value of the resized line is the weighted sum of. Weights are whole numbers
// that add up to 1 << weightBits.
type window struct {
	first   int
	weights []packed
}

// bilinear returns the windows for each of to values in a line of from values: a triangle around the value's centre,
// one step of the source wide on either side, or one of the result where that is larger.
func bilinear(from, to int) []window {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	line := make([]window, to)
	var weights []float64
	for i := range line {
		centre := (float64(i) + 0.5) * scale
		first, end := max(0, int(centre-reach+0.5)), min(from, int(centre+reach+0.5))
		weights = weights[:0]
		for j := first; j < end; j++ {
			weights = append(weights, max(0, 1-math.Abs((float64(j)-centre+0.5)/reach)))
		}
		line[i] = newWindow(first, weights)
	}
	return line
}

// lastWindows keeps the last result of bilinear, since many images are of one size.
type lastWindows struct {
	from, to int
	windows  []window
}

func (l *lastWindows) resizing(from, to int) []window {
	if l.from != from || l.to != to {
		*l = lastWindows{from, to, bilinear(from, to)}
	}
	return l.windows
}

// newWindow makes whole numbers of weights. Each takes over what the rounding of those before it has left, so that they
// add up.
func newWindow(first int, weights []float64) window {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	whole, sum, done := make([]packed, len(weights)), 0.0, 0
	for i, w := range weights {
		sum += w
		next := int(math.Round(sum / total * (1 << weightBits)))
		whole[i], done = packed(next-done), next
	}
	for whole[0] == 0 {
		first, whole = first+1, whole[1:]
	}
	for whole[len(whole)-1] == 0 {
		whole = whole[:len(whole)-1]
	}
	return window{first, whole}
}

// packed is an RGB pixel in one word, a third of it for each channel, so that one product weights all three. A channel
// takes 8 bits and the weights laneBits - 8, whose sum is at most 1: the lanes do not run into each other.
type packed uint64

const (
	laneBits   = 21
	weightBits = laneBits - 8
	lane       = 1 | 1<<laneBits | 1<<(2*laneBits) // 1 in each lane
	half       = lane << (weightBits - 1)          // for rounding
)

// rounded turns weighted sums, begun with half, into channels.
func (p packed) rounded() packed { return p >> weightBits & (255 * lane) }

func unpackRow(dst []uint8, row []packed) {
	dst = dst[:channels*len(row)]
	for i, p := range row {
		pixel := dst[channels*i:][:channels]
		pixel[0], pixel[1], pixel[2] = uint8(p), uint8(p>>laneBits), uint8(p>>(2*laneBits))
	}
}

// packer returns a function that packs row y of an image, counted from 0.
func (w *workspace) packer(img image.Image, chroma Chroma) func(dst []packed, y int) {
	if photo, ok := img.(*image.YCbCr); ok && photo.Rect.Min == (image.Point{}) {
		return func(dst []packed, y int) { w.packPhoto(dst, photo, y, chroma) }
	}
	pixels := w.rgba(img)
	return func(dst []packed, y int) {
		row := pixels[4*y*len(dst):][:4*len(dst)]
		for i := range dst {
			pixel := row[4*i:][:channels]
			dst[i] = packed(pixel[0]) | packed(pixel[1])<<laneBits | packed(pixel[2])<<(2*laneBits)
		}
	}
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

// The shares of Cr and Cb in red, green and blue (JFIF 1.02, from ITU-R BT.601), red and blue rounded, green in units
// of 1/65536 with one half added for rounding.
var crRed, crGreen, cbGreen, cbBlue = func() (r, rg, bg, b [256]int32) {
	for i := range int32(256) {
		c := i - 128
		r[i] = (91881*c + 1<<15) >> 16          // 1.402
		b[i] = (116130*c + 1<<15) >> 16         // 1.772
		rg[i], bg[i] = -46802*c+1<<15, -22554*c // 0.71414, 0.34414
	}
	return r, rg, bg, b
}()

// packPhoto packs a row of a photograph as JPEG holds it.
func (w *workspace) packPhoto(dst []packed, img *image.YCbCr, y int, chroma Chroma) {
	luma := img.Y[img.YOffset(0, y):][:len(dst)]
	across, down := subsampling(img.SubsampleRatio)
	if chroma != Repeated && across*down > 1 {
		cb, cr := grown(&w.cb, len(dst)), grown(&w.cr, len(dst))
		chromaRow(cb, img.Cb, img, y, &w.chromaSums)
		chromaRow(cr, img.Cr, img, y, &w.chromaSums)
		packYCbCr(dst, luma, cb, cr, 0)
		return
	}
	first, values := img.COffset(0, y), (len(dst)+across-1)/across
	packYCbCr(dst, luma, img.Cb[first:][:values], img.Cr[first:][:values], bits.Len(uint(across))-1)
}

// packYCbCr packs a row. A value of Cb and Cr goes with 1 << shift pixels of it.
func packYCbCr(dst []packed, luma, cb, cr []uint8, shift int) {
	for i := range cb {
		red, blue, green := crRed[cr[i]], cbBlue[cb[i]], (crGreen[cr[i]]+cbGreen[cb[i]])>>16
		end := min((i+1)<<shift, len(dst))
		for x := i << shift; x < end; x++ {
			l := int32(luma[x])
			r, g, b := l+red, l+green, l+blue
			if uint32(r|g|b) > 255 {
				r, g, b = clamp(r), clamp(g), clamp(b)
			}
			dst[x] = packed(r) | packed(g)<<laneBits | packed(b)<<(2*laneBits)
		}
	}
}

func clamp(v int32) int32 { return min(max(v, 0), 255) }
