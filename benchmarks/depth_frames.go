package benchmarks

import (
	"fmt"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// decodedLimit is how many bytes of decoded inputs a split may take in memory; larger splits stay encoded and are decoded
// for every batch.
const decodedLimit = 4 << 30

// frame is an image with its depth at the network's size.
type frame struct {
	pixels      []uint8  // height × width × 3
	millimetres []uint16 // height × width
}

// newFrame decodes a sample and resizes it: the image with an antialiased bilinear filter, the depth to the nearest pixel.
func newFrame(sample datasets.Sample, depth transform.DepthMap, size [2]int) (frame, error) {
	pixels, err := transform.DecodeRGB(sample.Image, size[0], size[1])
	if err != nil {
		return frame{}, err
	}
	return frame{pixels, transform.ResizeNearest(depth.Millimetres, depth.Width, depth.Height, size[0], size[1])}, nil
}

// frames holds the frames of a split, decoded or not.
type frames struct {
	size    [2]int
	decoded []frame
	encoded []datasets.Sample
	keep    bool // decoded
}

func newFrames(size [2]int, rows int) frames {
	const bytesPerPixel = 5
	return frames{size: size, keep: rows*size[0]*size[1]*bytesPerPixel <= decodedLimit}
}

func (f *frames) add(sample datasets.Sample, decoded frame) {
	if f.keep {
		f.decoded = append(f.decoded, decoded)
		return
	}
	sample.Mask = nil // read by now
	f.encoded = append(f.encoded, sample)
}

// at returns a frame. Encoded ones were decoded once when they were loaded, so that a failure now is no matter of data.
func (f *frames) at(row int) frame {
	if f.keep {
		return f.decoded[row]
	}
	sample := f.encoded[row]
	depth, err := transform.DecodeDepth(sample.Depth)
	if err != nil {
		panic(fmt.Sprintf("benchmarks: frame %s: %v", sample.ID, err))
	}
	return must(newFrame(sample, depth, f.size))
}
