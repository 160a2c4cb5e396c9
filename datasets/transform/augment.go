package transform

import (
	"image"
)

// channels is the number of colour channels of a pixel.
const channels = 3

// Augment crops a square image of size × size pixels after padding it with pad black pixels on each side, then
// mirrors it if flip is set: the order of the official age benchmarks. The crop begins dx pixels from the left and
// dy from the top of the padded image, 0 <= dx, dy <= 2*pad; dx = dy = pad without flip is the identity.
// dst and src hold size × size × 3 values and must not overlap.
func Augment(dst, src []uint8, size, pad int, flip bool, dx, dy int) {
	for y := range size {
		row := dst[y*size*channels : (y+1)*size*channels]
		fromY := y + dy - pad
		if fromY < 0 || fromY >= size {
			clear(row)
			continue
		}
		cropRow(row, src[fromY*size*channels:(fromY+1)*size*channels], dx-pad)
		if flip {
			mirror(row, channels)
		}
	}
}

// cropRow copies src, moved left by shift pixels, into dst and blackens what is left uncovered.
func cropRow(dst, src []uint8, shift int) {
	offset := shift * channels
	switch {
	case offset >= 0:
		n := copy(dst, src[min(offset, len(src)):])
		clear(dst[n:])
	default:
		edge := min(-offset, len(dst))
		clear(dst[:edge])
		copy(dst[edge:], src)
	}
}

// normalised holds the result of Normalise for each 8-bit value.
var normalised = func() (table [256]float32) {
	for x := range table {
		table[x] = (float32(x)/255 - 0.5) / 0.5
	}
	return table
}()

// Normalise maps 8-bit values to [-1, 1] as (x/255 - 0.5) / 0.5, keeping the order of the values.
// dst must be at least as long as src.
func Normalise(dst []float32, src []uint8) {
	for i, x := range src {
		dst[i] = normalised[x]
	}
}

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

// ResizeNearest returns an image of one value a pixel, such as depth or a mask, scaled to toWidth × toHeight: each
// pixel is the one that its centre falls in, as in Pillow's NEAREST.
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

// What the official NYUD2-DIR draws: LightingStd is the standard deviation of the normal numbers of Lighting, and the
// numbers of ColourJitter are uniform within ± JitterStrength.
const (
	LightingStd    = 0.1
	JitterStrength = 0.4
)

// Eigenvalues and eigenvectors (in columns) of the covariance of the colours of ImageNet, its mean colour and the
// standard deviation of each channel, all on a scale of 0 to 1.
var (
	imageNetValues  = [channels]float32{0.2175, 0.0188, 0.0045}
	imageNetVectors = [channels][channels]float32{
		{-0.5675, 0.7192, 0.4009},
		{-0.5808, -0.0045, -0.8140},
		{-0.5836, -0.6948, 0.4203},
	}
	imageNetMean = [channels]float32{0.485, 0.456, 0.406}
	imageNetStd  = [channels]float32{0.229, 0.224, 0.225}
)

// Unit maps 8-bit values to [0, 1], keeping their order. dst must be at least as long as src.
func Unit(dst []float32, src []uint8) {
	for i, x := range src {
		dst[i] = float32(x) / 255
	}
}

// Lighting adds one colour to all pixels of an RGB image, in place: the principal components of the colours of
// ImageNet, each times its eigenvalue and a number of noise (Krizhevsky, Sutskever and Hinton, "ImageNet classification
// with deep convolutional neural networks", 2012, section 4.1).
func Lighting(rgb []float32, noise [3]float32) {
	var colour [channels]float32
	for c, vector := range imageNetVectors {
		for i := range vector {
			colour[c] += vector[i] * noise[i] * imageNetValues[i]
		}
	}
	for i := 0; i+channels <= len(rgb); i += channels {
		for c := range channels {
			rgb[i+c] += colour[c]
		}
	}
}

// Jitter is a step of ColourJitter.
type Jitter int

// The steps of ColourJitter, each by what an image is mixed with: black, the image's mean grey, its grey image.
const (
	Brightness Jitter = iota
	Contrast
	Saturation
)

// ColourJitter changes the colours of an RGB image, in place, by one step after the other: with a = alphas[step] the
// image becomes (1-a) × image + a × what the step mixes in. A negative alpha strengthens, a positive one weakens.
// Values are not limited to [0, 1].
func ColourJitter(rgb []float32, alphas [3]float32, order [3]Jitter) {
	for _, step := range order {
		alpha := alphas[step]
		switch step {
		case Brightness:
			mix(rgb, 0, alpha)
		case Contrast:
			mix(rgb, meanGrey(rgb), alpha)
		case Saturation:
			for i := 0; i+channels <= len(rgb); i += channels {
				mix(rgb[i:i+channels], grey(rgb[i:]), alpha)
			}
		}
	}
}

// mix moves values by the share alpha of the way towards a target.
func mix(values []float32, target, alpha float32) {
	for i, x := range values {
		values[i] = x + alpha*(target-x)
	}
}

// grey is the luma of the first pixel (ITU-R BT.601).
func grey(rgb []float32) float32 {
	return 0.299*rgb[0] + 0.587*rgb[1] + 0.114*rgb[2]
}

func meanGrey(rgb []float32) float32 {
	sum := 0.0
	for i := 0; i+channels <= len(rgb); i += channels {
		sum += float64(grey(rgb[i:]))
	}
	return float32(sum / float64(max(len(rgb)/channels, 1)))
}

// ImageNetColours returns the mean and the standard deviation of the colours of ImageNet, as shares of full red, green
// and blue.
func ImageNetColours() (mean, std [3]float32) { return imageNetMean, imageNetStd }

// NormaliseImageNet subtracts ImageNet's mean colour and divides by its standard deviation, in place, the form of
// input that networks trained on ImageNet expect.
func NormaliseImageNet(rgb []float32) {
	for i := 0; i+channels <= len(rgb); i += channels {
		for c := range channels {
			rgb[i+c] = (rgb[i+c] - imageNetMean[c]) / imageNetStd[c]
		}
	}
}
