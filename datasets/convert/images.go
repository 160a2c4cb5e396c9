package convert

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/datasets/transform"
)

// ImageForm is the form in which images are stored.
type ImageForm struct {
	Size   int      // images of Size × Size pixels; 0 keeps their own size
	Encode Encoding // empty: Raw, or PNG where Size is given
	Strict bool     // an image that cannot be read is an error
}

// Encoding is the form in which images are stored.
type Encoding string

// The encodings. Raw keeps the bytes of the file.
const (
	Raw  Encoding = "raw"
	PNG  Encoding = "png"
	JPEG Encoding = "jpeg"
)

// jpegQuality keeps the loss below what resizing does.
const jpegQuality = 95

// ParseEncoding returns the encoding of a name, which must be one of those allowed.
func ParseEncoding(name string, allowed ...Encoding) (Encoding, error) {
	if slices.Contains(allowed, Encoding(name)) {
		return Encoding(name), nil
	}
	return "", fmt.Errorf("%.20q: expected one of %v", name, allowed)
}

// Validate reports options that contradict each other.
func (f ImageForm) Validate() error {
	switch {
	case f.Size < 0 || f.Size > 4096:
		return fmt.Errorf("size %d: expected 1 to 4096 pixels", f.Size)
	case f.Size > 0 && f.Encode == Raw:
		return fmt.Errorf("size %d: images that are resized cannot keep their bytes: encode as png or jpeg", f.Size)
	}
	return nil
}

func (f ImageForm) encoding() Encoding {
	switch {
	case f.Encode != "":
		return f.Encode
	case f.Size > 0:
		return PNG
	}
	return Raw
}

// load reads an image file, makes sure that it decodes and gives it the form.
func (f ImageForm) load(path string) ([]byte, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return f.store(data)
}

// store makes sure that an image decodes and gives it the form.
func (f ImageForm) store(data []byte) ([]byte, error) {
	img, err := transform.Decode(data)
	if err != nil || f.encoding() == Raw {
		return data, err
	}
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	if f.Size > 0 {
		width, height = f.Size, f.Size
	}
	return encodePixels(transform.Resize(img, width, height), width, height, f.encoding())
}

// encodePixels encodes height × width × 3 pixels as PNG or JPEG.
func encodePixels(pixels []uint8, width, height int, encoding Encoding) ([]byte, error) {
	if encoding == JPEG {
		return transform.EncodeJPEG(pixels, width, height, jpegQuality)
	}
	return transform.EncodePNG(pixels, width, height)
}
