package twin

import (
	"bytes"
	"image"
	"image/png"
	"sync"
)

// encoders keeps the encoder's buffers, about a megabyte, from one small picture to the next.
var encoders bufferPool

type bufferPool struct{ pool sync.Pool }

func (p *bufferPool) Get() *png.EncoderBuffer {
	buffer, _ := p.pool.Get().(*png.EncoderBuffer)
	return buffer // nil makes the encoder take a new one
}

func (p *bufferPool) Put(buffer *png.EncoderBuffer) { p.pool.Put(buffer) }

// encodePNG returns the picture as a PNG.
func encodePNG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	encoder := png.Encoder{BufferPool: &encoders}
	err := encoder.Encode(&out, img)
	return out.Bytes(), err
}
