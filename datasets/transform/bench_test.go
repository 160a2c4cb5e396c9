package transform

import (
	"bytes"
	"image/jpeg"
	"testing"
)

// BenchmarkDecode measures the parts of what it takes to get a photograph of 200×200 pixels to the network's 224×224.
func BenchmarkDecode(b *testing.B) {
	photo := Resize(pattern(50, 50), 200, 200)
	data, err := EncodeJPEG(photo, 200, 200, 90)
	if err != nil {
		b.Fatal(err)
	}
	img, err := Decode(data)
	if err != nil {
		b.Fatal(err)
	}
	pixels, augmented := Resize(img, 224, 224), make([]uint8, 224*224*channels)
	normal := make([]float32, len(pixels))
	for _, part := range []struct {
		name string
		work func()
	}{
		{"jpeg", func() { _, _ = jpeg.Decode(bytes.NewReader(data)) }},
		{"resize", func() { ResizeInto(pixels, img, 224, 224, Interpolated) }},
		{"augment", func() { Augment(augmented, pixels, 224, 16, true, 3, 4) }},
		{"normalise", func() { Normalise(normal, pixels) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.work()
			}
		})
	}
}
