package transform

import "image"

// Flip mirrors an image of the given width from left to right, in place. Each pixel is channels values: 3 of RGB, 1 of
// depth or a mask.
func Flip[T any](pixels []T, width, channels int) {
	lanes := width * channels
	for start := 0; start+lanes <= len(pixels) && lanes > 0; start += lanes {
		mirror(pixels[start:start+lanes], channels)
	}
}

// mirror reverses the pixels of a row.
func mirror[T any](row []T, width int) {
	if width == channels { // in one go, as images are the most
		for l, r := 0, len(row)-channels; l < r; l, r = l+channels, r-channels {
			left, right := row[l:][:channels], row[r:][:channels]
			left[0], left[1], left[2], right[0], right[1], right[2] = right[0], right[1], right[2], left[0], left[1], left[2]
		}
		return
	}
	for l, r := 0, len(row)-width; l < r; l, r = l+width, r-width {
		for c := range width {
			row[l+c], row[r+c] = row[r+c], row[l+c]
		}
	}
}

// Crop returns a copy of a part of an image, such as its FieldOfView. Each pixel is channels values; the part must lie
// within the image, whose rows are width pixels long.
func Crop[T any](pixels []T, width, channels int, part image.Rectangle) []T {
	crop := make([]T, 0, part.Dx()*part.Dy()*channels)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		crop = append(crop, pixels[(y*width+part.Min.X)*channels:][:part.Dx()*channels]...)
	}
	return crop
}

// ResizeNearest returns an image of one value a pixel, such as depth or a mask, scaled to toWidth × toHeight: each pixel
// is the one that its centre falls in, as in Pillow's NEAREST.
func ResizeNearest[T any](pixels []T, width, height, toWidth, toHeight int) []T {
	columns, rows := nearest(width, toWidth), nearest(height, toHeight)
	scaled := make([]T, 0, toWidth*toHeight)
	for _, y := range rows {
		row := pixels[y*width:][:width]
		for _, x := range columns {
			scaled = append(scaled, row[x])
		}
	}
	return scaled
}

// nearest returns the index in a line of from pixels for each of to pixels. The position is summed up, not multiplied,
// so that centres on the border between two pixels round as in Pillow.
func nearest(from, to int) []int {
	index := make([]int, to)
	scale := float64(from) / float64(to)
	at := scale / 2
	for i := range index {
		index[i] = int(at)
		at += scale
	}
	return index
}
