package transform

import "image"

// Chroma is how the colour of a JPEG image that has it in half the resolution, as nearly all have, becomes as large as
// its brightness.
type Chroma string

const (
	// Repeated gives each pixel the nearest value. Datasets that were prepared before there was a choice are read so.
	Repeated Chroma = ""
	// Interpolated gives it a weighted mean of the nearest values as libjpeg does, and with it Pillow, torchvision and
	// OpenCV.
	Interpolated Chroma = "interpolated"
)

// subsampling returns how many pixels a value of chroma goes with, across and down.
func subsampling(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// chromaRow makes row y of a plane of chroma as wide as the image: the triangle filter of libjpeg ("fancy upsampling",
// jdsample.c), which takes 3/4 of the nearer value and 1/4 of the next one in each direction where there are half as many
// values. Where it does not, with planes of one or two columns or a quarter of the width, values are repeated. Sums is memory.
func chromaRow(dst []uint8, plane []uint8, img *image.YCbCr, y int, sums *[]uint16) {
	across, down := subsampling(img.SubsampleRatio)
	columns, rows := (len(dst)+across-1)/across, (img.Rect.Dy()+down-1)/down
	row := func(i int) []uint8 { return plane[min(max(i, 0), rows-1)*img.CStride:][:columns] }
	near := row(y / down)
	if across > 2 || across == 2 && columns <= 2 {
		for x := range dst {
			dst[x] = near[x/across]
		}
		return
	}
	if across == 1 && down == 1 {
		copy(dst, near)
		return
	}
	far, bias := row(y/2-1), uint16(1)
	if y%2 == 1 {
		far, bias = row(y/2+1), 2
	}
	s := grown(sums, columns)
	switch {
	case down == 1:
		for i, v := range near {
			s[i] = uint16(v)
		}
		widen(dst, s, 2, 1, 2)
	case across == 1:
		for i, v := range near {
			dst[i] = uint8((3*uint16(v) + uint16(far[i]) + bias) >> 2)
		}
	default:
		for i, v := range near {
			s[i] = 3*uint16(v) + uint16(far[i])
		}
		widen(dst, s, 4, 8, 7)
	}
}

// widen doubles the number of values, each divided by 1 << shift. Left and right are added before, for rounding.
func widen(dst []uint8, s []uint16, shift, left, right uint16) {
	before := s[0]
	for i, v := range s {
		after := s[min(i+1, len(s)-1)]
		dst[2*i] = uint8((3*v + before + left) >> shift)
		if 2*i+1 < len(dst) {
			dst[2*i+1] = uint8((3*v + after + right) >> shift)
		}
		before = v
	}
}
