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

	"golang.org/x/image/draw"
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

// Resize scales an image to exactly width × height, whatever its proportions, and returns its
// height × width × 3 pixels. The filter is bilinear and widens when shrinking, as Pillow's BILINEAR does, with which
// the result agrees to a grey level or two. Grey images get three equal channels; transparency becomes black.
func Resize(img image.Image, width, height int) []uint8 {
	scaled := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(scaled, scaled.Bounds(), img, img.Bounds(), draw.Src, nil)
	pixels := make([]uint8, 0, width*height*3)
	for i := 0; i < len(scaled.Pix); i += 4 {
		pixels = append(pixels, scaled.Pix[i], scaled.Pix[i+1], scaled.Pix[i+2])
	}
	return pixels
}

// DecodeRGB decodes a JPEG or PNG image and resizes it; the result is that of Resize.
func DecodeRGB(data []byte, width, height int) ([]uint8, error) {
	img, err := Decode(data)
	if err != nil {
		return nil, err
	}
	return Resize(img, width, height), nil
}
