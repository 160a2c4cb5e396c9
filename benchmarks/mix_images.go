package benchmarks

import (
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// thumbnail is the side of the grey image that describes an image.
const thumbnail = 8

// Descriptor returns the image in 8×8 shades of grey from 0 to 1.
func (t *imageTask) Descriptor(row int) []float32 {
	size := t.model.Size
	pixels := t.splits[datasets.Train].pixels[row*size*size*3:]
	grey := make([]float32, 0, thumbnail*thumbnail)
	for y := range thumbnail {
		for x := range thumbnail {
			top, bottom, left, right := y*size/thumbnail, (y+1)*size/thumbnail, x*size/thumbnail, (x+1)*size/thumbnail
			sum := 0
			for line := top; line < bottom; line++ {
				for _, v := range pixels[(line*size+left)*3 : (line*size+right)*3] {
					sum += int(v)
				}
			}
			grey = append(grey, float32(sum)/float32((bottom-top)*(right-left)*3*255))
		}
	}
	return grey
}

// Mix makes synthetic images when a batch needs them, before augmentation. Noise is a share of the standard deviation of the
// training images' pixels, by colour.
func (t *imageTask) Mix(r methods.Resampled) Task {
	original := t.splits[datasets.Train]
	mix := &mixture{Resampled: r, spread: original.spread(t.model.Size * t.model.Size * 3)}
	train := &imageRows{Rows: mix.rows(&original.Rows), pixels: original.pixels, mix: mix}
	return &imageTask{model: t.model, splits: withTraining(t.splits, train)}
}

// spread returns the standard deviation of the pixels of each colour over at most a thousand images.
func (r *imageRows) spread(stride int) []float64 {
	const most = 1000
	var colours [3]moments
	for row := 0; row < r.Len(); row += max(1, r.Len()/most) {
		for i, v := range r.pixels[row*stride:][:stride] {
			colours[i%3].add(float64(v))
		}
	}
	return []float64{colours[0].deviation(), colours[1].deviation(), colours[2].deviation()}
}

// image returns the pixels of a row. Those of a synthetic row are written into buffer, which is as long as an image.
func (r *imageRows) image(row int, buffer []uint8) []uint8 {
	s, stride := r.mix.at(row), len(buffer)
	first, second := r.pixels[s.First*stride:][:stride], r.pixels[s.Second*stride:][:stride]
	if s.First == s.Second && s.Noise == 0 {
		return first
	}
	random := rand.New(rand.NewPCG(s.Seed, 0))
	for i := range buffer {
		v := float64(first[i]) + s.Share*(float64(second[i])-float64(first[i]))
		if s.Noise > 0 {
			v += random.NormFloat64() * s.Noise * r.mix.spread[i%3]
		}
		buffer[i] = uint8(math.Round(max(0, min(v, 255))))
	}
	return buffer
}
