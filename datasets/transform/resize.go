package transform

import (
	"image"
	"sync"
)

// Resize scales an image to exactly width × height, whatever its proportions, and returns its
// height × width × 3 pixels. The filter is bilinear and widens when shrinking, as Pillow's BILINEAR does, from which the
// result differs by a grey level at most. Grey images get three equal channels; transparency becomes black.
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
	packRow := work.packer(img)
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
	source           []uint8
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
