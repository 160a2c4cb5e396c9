package transform

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
)

// EncodePNG encodes height × width × 3 pixels as a PNG file. The same pixels give the same bytes.
func EncodePNG(pixels []uint8, width, height int) ([]byte, error) {
	img, err := toImage(pixels, width, height)
	if err != nil {
		return nil, err
	}
	return encode(img)
}

// EncodeJPEG encodes height × width × 3 pixels as a JPEG file with a quality from 1 to 100. The same pixels give the
// same bytes.
func EncodeJPEG(pixels []uint8, width, height, quality int) ([]byte, error) {
	if quality < 1 || quality > 100 {
		return nil, fmt.Errorf("JPEG quality %d: expected 1 to 100", quality)
	}
	img, err := toImage(pixels, width, height)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// toImage returns an opaque image of the pixels.
func toImage(pixels []uint8, width, height int) (*image.RGBA, error) {
	if width < 1 || height < 1 || len(pixels)%channels != 0 || len(pixels)/channels/width != height ||
		len(pixels)/channels%width != 0 {
		return nil, fmt.Errorf("image of %d×%d pixels with %d values: expected 3 a pixel", width, height, len(pixels))
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		copy(img.Pix[4*i:], pixels[channels*i:][:channels])
		img.Pix[4*i+3] = 255
	}
	return img, nil
}
