package transform

import (
	"image"

	"github.com/dirbench/dirbench/datasets/transform/libjpeg"
)

// Chroma is how JPEG images become pixels, above all how the colour of an image that has it in half the resolution, as
// nearly all have, becomes as large as its brightness. Datasets keep the way of the version that prepared them.
type Chroma string

const (
	// Repeated gives each pixel the nearest value. Datasets that were prepared before there was a choice are read so.
	Repeated Chroma = ""
	// Interpolated gives it a weighted mean of the nearest values as libjpeg does. The cosine transform is Go's: values
	// differ from libjpeg's by up to 3 of 255.
	Interpolated Chroma = "interpolated"
	// LibJPEG gives the values of libjpeg, and with it of Pillow, torchvision and OpenCV. Datasets are prepared so. Of PNG
	// images it drops the transparency as Pillow does, where the others paint what is transparent on black.
	LibJPEG Chroma = "libjpeg"
)

// Known tells whether there is such a way.
func (c Chroma) Known() bool { return c == Repeated || c == Interpolated || c == LibJPEG }

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

// chromaRow makes row y of a plane of chroma as wide as the image, interpolated. Sums is memory.
func chromaRow(dst []uint8, plane []uint8, img *image.YCbCr, y int, sums *[]uint16) {
	across, down := subsampling(img.SubsampleRatio)
	libjpeg.Plane{Values: plane, Stride: img.CStride, Columns: (len(dst) + across - 1) / across,
		Rows: (img.Rect.Dy() + down - 1) / down, Across: across, Down: down}.Row(dst, y, sums)
}
