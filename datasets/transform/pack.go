package transform

import (
	"image"
	"image/draw"
)

// packed is an RGB pixel in one word, a third of it for each channel, so that one product weights all three. A channel takes
// 8 bits and the weights laneBits - 8, whose sum is at most 1: the lanes do not run into each other.
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
func (w *workspace) packer(img image.Image) func(dst []packed, y int) {
	if photo, ok := img.(*image.YCbCr); ok && photo.Rect.Min == (image.Point{}) {
		return func(dst []packed, y int) { packYCbCr(dst, photo, y) }
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

// The shares of Cr and Cb in red, green and blue (JFIF 1.02, from ITU-R BT.601), red and blue rounded, green in units of 1/65536
// with one half added for rounding.
var crRed, crGreen, cbGreen, cbBlue = func() (r, rg, bg, b [256]int32) {
	for i := range int32(256) {
		c := i - 128
		r[i] = (91881*c + 1<<15) >> 16          // 1.402
		b[i] = (116130*c + 1<<15) >> 16         // 1.772
		rg[i], bg[i] = -46802*c+1<<15, -22554*c // 0.71414, 0.34414
	}
	return r, rg, bg, b
}()

// packYCbCr packs a row of a photograph as JPEG holds it. A value of Cb and Cr goes with one, two or four pixels of the row.
func packYCbCr(dst []packed, img *image.YCbCr, y int) {
	shift := 0
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		shift = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		shift = 2
	}
	luma := img.Y[img.YOffset(0, y):][:len(dst)]
	chroma := (len(dst) + 1<<shift - 1) >> shift
	first := img.COffset(0, y)
	cb, cr := img.Cb[first:][:chroma], img.Cr[first:][:chroma]
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
