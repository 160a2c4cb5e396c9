package convert

import (
	"errors"
	"fmt"
	"image"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// Size of the stored frames: the shorter side of the official code's first resize.
const (
	frameWidth  = 320
	frameHeight = 240
)

// DepthEncoding says what the values of a depth file mean.
type DepthEncoding string

// The depth encodings. The official training files are 8-bit, the test files 16-bit in millimetres.
const (
	DepthAuto DepthEncoding = "auto" // by the file's bits a pixel: Depth8Bit for 8, DepthMM for 16
	Depth8Bit DepthEncoding = "8bit" // metres = value/255·10
	DepthMM   DepthEncoding = "mm"   // millimetres
)

// ParseDepthEncoding returns the depth encoding of a name.
func ParseDepthEncoding(name string) (DepthEncoding, error) {
	switch e := DepthEncoding(name); e {
	case DepthAuto, Depth8Bit, DepthMM:
		return e, nil
	}
	return "", fmt.Errorf("%.20q: expected auto, 8bit or mm", name)
}

// convert makes the sample of a frame, without subset and mask.
func (c *frameConverter) convert(f frame, split datasets.Split) (datasets.Sample, error) {
	encoding := c.opts.Depth
	if split == datasets.Test && c.opts.TestDepth != "" {
		encoding = c.opts.TestDepth
	}
	sample := datasets.Sample{ID: f.image}
	var err error
	if sample.Image, err = loadFrame(filepath.Join(c.root, f.image), c.opts.Encode); err != nil {
		return sample, err
	}
	if sample.Depth, err = loadDepth(filepath.Join(c.root, f.depth), encoding); err != nil {
		return sample, fmt.Errorf("depth: %w", err)
	}
	return sample, nil
}

// loadFrame reads an image. One that has the size of a stored frame keeps its bytes.
func loadFrame(path string, encoding Encoding) ([]byte, error) {
	data, img, err := readPicture(path)
	if err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	if size == image.Pt(frameWidth, frameHeight) {
		return data, nil
	}
	return encodePixels(transform.Resize(img, frameWidth, frameHeight), frameWidth, frameHeight, encoding)
}

// loadDepth reads a depth file and returns it as a depth map of a stored frame's size.
func loadDepth(path string, encoding DepthEncoding) ([]byte, error) {
	_, img, err := readPicture(path)
	if err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	millimetres, err := readDepth(img, encoding)
	if err != nil {
		return nil, err
	}
	return transform.EncodeDepth(transform.DepthMap{
		Width: frameWidth, Height: frameHeight,
		Millimetres: transform.ResizeNearest(millimetres, size.X, size.Y, frameWidth, frameHeight),
	})
}

// readPicture reads and decodes an image or depth file of a stored frame's proportions.
func readPicture(path string) ([]byte, image.Image, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	img, err := transform.Decode(data)
	if err != nil {
		return nil, nil, err
	}
	return data, img, checkProportions(img.Bounds().Size())
}

func checkProportions(size image.Point) error {
	if size.X*frameHeight != size.Y*frameWidth {
		return fmt.Errorf("%d×%d pixels: expected the proportions 4:3", size.X, size.Y)
	}
	return nil
}

// readDepth returns the values of a depth file in millimetres, row by row.
func readDepth(img image.Image, encoding DepthEncoding) ([]uint16, error) {
	var values []uint16
	switch grey := img.(type) {
	case *image.Gray:
		for y := range grey.Rect.Dy() {
			for _, v := range grey.Pix[y*grey.Stride:][:grey.Rect.Dx()] {
				values = append(values, uint16(v))
			}
		}
		if encoding != DepthMM {
			encoding = Depth8Bit
		}
	case *image.Gray16:
		for y := range grey.Rect.Dy() {
			row := grey.Pix[y*grey.Stride:][:2*grey.Rect.Dx()]
			for i := 0; i < len(row); i += 2 {
				values = append(values, uint16(row[i])<<8|uint16(row[i+1]))
			}
		}
	default:
		return nil, errors.New("expected a grey PNG of 8 or 16 bits")
	}
	if encoding == Depth8Bit {
		return values, fromEightBits(values)
	}
	return values, nil
}

// fromEightBits converts values of 0 to 255 for 0 to 10 m to millimetres, rounded, in place.
func fromEightBits(values []uint16) error {
	for i, v := range values {
		if v > 255 {
			return fmt.Errorf("value %d: expected at most 255 in the 8-bit encoding", v)
		}
		values[i] = uint16((2*10_000*int(v) + 255) / (2 * 255))
	}
	return nil
}
