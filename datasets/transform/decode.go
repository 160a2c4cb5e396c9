// Package transform turns encoded images into the pixels that a network reads: decoding, resizing, augmentation and
// normalisation. Its functions are pure; whoever calls them draws the random numbers. Pixels are 8-bit RGB in
// height × width × channel order.
package transform

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // registers the decoder
	_ "image/png"  // registers the decoder
)

// maxPixels refuses images whose header claims a size that no photograph has, before memory is taken for them.
const maxPixels = 1 << 28

// Size returns the width and height that the header of a JPEG or PNG image states.
func Size(data []byte) (image.Point, error) {
	header, _, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return image.Point{}, errors.New("neither a JPEG nor a PNG image")
	}
	if err != nil {
		return image.Point{}, fmt.Errorf("damaged image: %w", err)
	}
	if header.Width < 1 || header.Height < 1 {
		return image.Point{}, errors.New("damaged image: it has no pixels")
	}
	if header.Width*header.Height > maxPixels {
		return image.Point{}, fmt.Errorf("image of %d×%d pixels is too large", header.Width, header.Height)
	}
	return image.Point{X: header.Width, Y: header.Height}, nil
}

// Decode decodes a JPEG or PNG image.
func Decode(data []byte) (image.Image, error) {
	if _, err := Size(data); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("damaged image: %w", err)
	}
	return img, nil
}

// DecodeVersion counts the forms of what DecodeRGBInto and ResizeNearest return, which is kept between runs: whoever changes a
// pixel raises it.
const DecodeVersion = 1

// DecodeRGB decodes a JPEG or PNG image and resizes it; the result is that of Resize.
func DecodeRGB(data []byte, width, height int) ([]uint8, error) {
	pixels := make([]uint8, width*height*channels)
	return pixels, DecodeRGBInto(pixels, data, width, height)
}

// DecodeRGBInto is DecodeRGB into memory of at least height × width × 3 values.
func DecodeRGBInto(dst []uint8, data []byte, width, height int) error {
	img, err := Decode(data)
	if err != nil {
		return err
	}
	ResizeInto(dst, img, width, height)
	return nil
}
