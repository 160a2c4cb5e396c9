package task

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/pixelcache"
	"github.com/dirbench/dirbench/datasets/transform"
)

// frame is the record of an image with its depth at the network's size: the pixels, height × width × 3; the millimetres,
// height × width of two bytes; and the size of the evaluated field of view in the dataset's own frame, two numbers of two bytes.
type frame []byte

// frameSize returns the bytes of a frame.
func frameSize(size [2]int) int { return size[0]*size[1]*5 + 4 }

func (f frame) pixels() []uint8 { return f[:(len(f)-4)/5*3] }

// metres writes the depths to memory of height × width values.
func (f frame) metres(into []float32) {
	depth := f[(len(f)-4)/5*3 : len(f)-4]
	for i := range into {
		into[i] = datasets.Metres(binary.LittleEndian.Uint16(depth[2*i:]))
	}
}

// evaluated returns the size of the evaluated field of view.
func (f frame) evaluated() image.Point {
	end := f[len(f)-4:]
	return image.Point{X: int(binary.LittleEndian.Uint16(end)), Y: int(binary.LittleEndian.Uint16(end[2:]))}
}

// fill decodes a sample and resizes it: the image with an antialiased bilinear filter, the depth to the nearest pixel.
func (f frame) fill(sample datasets.Sample, size [2]int) error {
	labels, err := sample.Frame()
	if err != nil {
		return err
	}
	if err := transform.DecodeRGBInto(f, sample.Image, size[0], size[1]); err != nil {
		return err
	}
	rest := f[len(f.pixels()):len(f.pixels())]
	depth := labels.Depth
	for _, millimetres := range transform.ResizeNearest(depth.Millimetres, depth.Width, depth.Height, size[0], size[1]) {
		rest = binary.LittleEndian.AppendUint16(rest, millimetres)
	}
	view := labels.View.Size()
	if view.X > 0xffff || view.Y > 0xffff {
		return fmt.Errorf("a frame of %d×%d pixels is too large", depth.Width, depth.Height)
	}
	binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(rest, uint16(view.X)), uint16(view.Y))
	return nil
}

// frames are the frames of a split, which may be those of several splits of the dataset.
type frames []*pixelcache.Records

// read copies the frame of a row.
func (f frames) read(row int, into frame) {
	records, row := f.find(row)
	if err := records.Read(row, into); err != nil {
		panic(InputError{err})
	}
}

func (f frames) willNeed(rows []int) {
	for _, row := range rows {
		records, row := f.find(row)
		records.WillNeed([]int{row})
	}
}

// find returns the records that a row is in, and its number there.
func (f frames) find(row int) (*pixelcache.Records, int) {
	for _, records := range f {
		if row < records.Len() {
			return records, row
		}
		row -= records.Len()
	}
	panic(fmt.Sprintf("benchmarks: no frame %d", row))
}
