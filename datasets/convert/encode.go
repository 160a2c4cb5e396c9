package convert

import (
	"fmt"
	"slices"

	"github.com/dirbench/dirbench/datasets/transform"
)

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

// encodePixels encodes height × width × 3 pixels as PNG or JPEG.
func encodePixels(pixels []uint8, width, height int, encoding Encoding) ([]byte, error) {
	if encoding == JPEG {
		return transform.EncodeJPEG(pixels, width, height, jpegQuality)
	}
	return transform.EncodePNG(pixels, width, height)
}
