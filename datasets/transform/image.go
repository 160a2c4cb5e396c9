// Package transform turns encoded images into the pixels that a network reads: decoding, resizing, augmentation and
// normalisation. Its functions are pure; whoever calls them draws the random numbers. Pixels are 8-bit RGB in
// height × width × channel order.
package transform

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"sync"

	"github.com/dirbench/dirbench/datasets/transform/libjpeg"
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
		return image.Point{}, decodeError(err)
	}
	if header.Width < 1 || header.Height < 1 {
		return image.Point{}, errors.New("damaged image: it has no pixels")
	}
	if header.Width*header.Height > maxPixels {
		return image.Point{}, fmt.Errorf("image of %d×%d pixels is too large", header.Width, header.Height)
	}
	return image.Point{X: header.Width, Y: header.Height}, nil
}

// Decode decodes a JPEG or PNG image to the values that Pillow's convert("RGB") gives.
func Decode(data []byte) (image.Image, error) { return decode(data, LibJPEG) }

// decode decodes an image. Forms of JPEG that package libjpeg lacks, such as CMYK, are those of image/jpeg.
func decode(data []byte, chroma Chroma) (image.Image, error) {
	if _, err := Size(data); err != nil {
		return nil, err
	}
	if IsJPEG(data) && chroma == LibJPEG {
		img, err := libjpeg.Decode(data)
		if err == nil {
			return img, nil
		}
		if !errors.Is(err, libjpeg.ErrUnsupported) {
			return nil, decodeError(err)
		}
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, decodeError(err)
	}
	if chroma == LibJPEG {
		dropAlpha(img)
	}
	return img, nil
}

// dropAlpha makes the transparent pixels of a PNG image opaque; their colours stay as the file has them.
func dropAlpha(img image.Image) {
	switch img := img.(type) {
	case *image.NRGBA:
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = 0xff
		}
	case *image.NRGBA64:
		for i := 6; i < len(img.Pix); i += 8 {
			img.Pix[i], img.Pix[i+1] = 0xff, 0xff
		}
	case *image.Paletted:
		for i, entry := range img.Palette {
			c := color.NRGBAModel.Convert(entry).(color.NRGBA)
			img.Palette[i] = color.NRGBA{R: c.R, G: c.G, B: c.B, A: 0xff}
		}
	}
}

// IsJPEG tells whether an image begins as JPEG files do.
func IsJPEG(data []byte) bool { return bytes.HasPrefix(data, []byte("\xff\xd8")) }

// decodeError tells a form of JPEG or PNG that the decoders lack from damage.
func decodeError(err error) error {
	var jpegForm jpeg.UnsupportedError
	var pngForm png.UnsupportedError
	switch {
	case errors.As(err, &jpegForm):
		return fmt.Errorf("this form of JPEG is not supported (%s): save the image again, as PNG or baseline JPEG",
			string(jpegForm))
	case errors.As(err, &pngForm):
		return fmt.Errorf("this form of PNG is not supported (%s): save the image again", string(pngForm))
	}
	return fmt.Errorf("damaged image: %w", err)
}

// DecodeVersion is a number of the form of what DecodeRGBInto and ResizeNearest return, which is kept between runs:
// whoever changes a pixel changes it.
func DecodeVersion(chroma Chroma) int {
	switch chroma {
	case LibJPEG:
		return 4
	case Interpolated:
		return 2
	}
	return 1
}

// DecodeRGB decodes a JPEG or PNG image and resizes it; the result is that of Resize.
func DecodeRGB(data []byte, width, height int) ([]uint8, error) {
	pixels := make([]uint8, width*height*channels)
	return pixels, DecodeRGBInto(pixels, data, width, height, LibJPEG)
}

// DecodeRGBInto is DecodeRGB into memory of at least height × width × 3 values.
func DecodeRGBInto(dst []uint8, data []byte, width, height int, chroma Chroma) error {
	img, err := decode(data, chroma)
	if err != nil {
		return err
	}
	ResizeInto(dst, img, width, height, chroma)
	return nil
}

// EncodePNG encodes height × width × 3 pixels as a PNG file. The same pixels give the same bytes.
func EncodePNG(pixels []uint8, width, height int) ([]byte, error) {
	img, err := toImage(pixels, width, height)
	if err != nil {
		return nil, err
	}
	return encodePNG(img)
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

// encoders keeps the encoder's buffers, about a megabyte, from one image to the next.
var encoders bufferPool

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() *png.EncoderBuffer {
	buffer, _ := p.pool.Get().(*png.EncoderBuffer)
	return buffer // nil makes the encoder take a new one
}

func (p *bufferPool) Put(buffer *png.EncoderBuffer) { p.pool.Put(buffer) }

func encodePNG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	encoder := png.Encoder{BufferPool: &encoders}
	err := encoder.Encode(&out, img)
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
