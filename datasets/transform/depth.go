package transform

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// DepthMap holds the distance of each pixel along the optical axis, row by row, 0 where it is unknown.
type DepthMap struct {
	Width, Height int
	Millimetres   []uint16
}

// Mask marks pixels, row by row.
type Mask struct {
	Width, Height int
	On            []bool
}

// FieldOfView is the part of a depth frame that is trained and evaluated: the centre with 19/20 of its width and
// height, as the official NYUD2-DIR code crops 320×240 pixels to 304×228.
func FieldOfView(width, height int) image.Rectangle {
	w, h := max(1, width*19/20), max(1, height*19/20)
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// DecodeDepth decodes a depth map: a 16-bit grey PNG in millimetres.
func DecodeDepth(data []byte) (DepthMap, error) {
	img, err := decodePNG(data)
	if err != nil {
		return DepthMap{}, err
	}
	grey, ok := img.(*image.Gray16)
	if !ok {
		return DepthMap{}, errors.New("depth: expected a 16-bit grey PNG in millimetres")
	}
	size := grey.Rect.Size()
	m := DepthMap{Width: size.X, Height: size.Y, Millimetres: make([]uint16, 0, size.X*size.Y)}
	for y := range size.Y {
		row := grey.Pix[y*grey.Stride:][:2*size.X]
		for i := 0; i < len(row); i += 2 {
			m.Millimetres = append(m.Millimetres, uint16(row[i])<<8|uint16(row[i+1]))
		}
	}
	return m, nil
}

// EncodeDepth encodes a depth map as DecodeDepth reads it.
func EncodeDepth(m DepthMap) ([]byte, error) {
	img := image.NewGray16(image.Rect(0, 0, m.Width, m.Height))
	for i, depth := range m.Millimetres {
		img.SetGray16(i%m.Width, i/m.Width, color.Gray16{Y: depth})
	}
	return encodePNG(img)
}

// DecodeMask decodes a mask: an 8-bit grey PNG that is not 0 at marked pixels.
func DecodeMask(data []byte) (Mask, error) {
	img, err := decodePNG(data)
	if err != nil {
		return Mask{}, err
	}
	grey, ok := img.(*image.Gray)
	if !ok {
		return Mask{}, errors.New("mask: expected an 8-bit grey PNG")
	}
	size := grey.Rect.Size()
	m := Mask{Width: size.X, Height: size.Y, On: make([]bool, 0, size.X*size.Y)}
	for y := range size.Y {
		for _, value := range grey.Pix[y*grey.Stride:][:size.X] {
			m.On = append(m.On, value != 0)
		}
	}
	return m, nil
}

// EncodeMask encodes a mask as DecodeMask reads it.
func EncodeMask(m Mask) ([]byte, error) {
	img := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
	for i, on := range m.On {
		if on {
			img.Pix[i/m.Width*img.Stride+i%m.Width] = 255
		}
	}
	return encodePNG(img)
}

func decodePNG(data []byte) (image.Image, error) {
	header, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("damaged or no PNG: %w", err)
	}
	if header.Width*header.Height > maxPixels {
		return nil, fmt.Errorf("image of %d×%d pixels is too large", header.Width, header.Height)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("damaged PNG: %w", err)
	}
	return img, nil
}
