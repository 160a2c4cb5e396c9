package task

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
	pixels := make([]uint8, t.scratch.size)
	t.Splits[datasets.Train].record(row, pixels)
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

// Mix makes synthetic images when a batch needs them, before augmentation. Noise is a share of the standard deviation
// of the training images' pixels, by colour.
func (t *imageTask) Mix(r methods.Resampled) (Task, error) {
	original := t.Splits[datasets.Train]
	mix := &mixture{Resampled: r, spread: original.spread(t.scratch.size)}
	train := &imageRows{Rows: mix.rows(&original.Rows), pixels: original.pixels, mix: mix}
	mixed := *t
	mixed.Splits = withTraining(t.Splits, train)
	return &mixed, nil
}

// spread returns the standard deviation of the pixels of each colour over at most a thousand images.
func (r *imageRows) spread(stride int) []float64 {
	const most = 1000
	var colours [3]moments
	pixels := make([]uint8, stride)
	for row := 0; row < r.Len(); row += max(1, r.Len()/most) {
		r.record(row, pixels)
		for i, v := range pixels {
			colours[i%3].add(float64(v))
		}
	}
	return []float64{colours[0].deviation(), colours[1].deviation(), colours[2].deviation()}
}

// record copies the pixels of a row of the cache.
func (r *imageRows) record(row int, into []uint8) {
	if err := r.pixels.Read(row, into); err != nil {
		panic(InputError{err})
	}
}

// willNeed announces rows to the cache.
func (r *imageRows) willNeed(rows []int) {
	if r.mix == nil {
		r.pixels.WillNeed(rows)
		return
	}
	parents := make([]int, 0, 2*len(rows))
	for _, row := range rows {
		s := r.mix.at(row)
		parents = append(parents, s.First, s.Second)
	}
	r.pixels.WillNeed(parents)
}

// image writes the pixels of a row, made from those of its parents if it is synthetic.
func (r *imageRows) image(row int, into []uint8) {
	s := r.mix.at(row)
	r.record(s.First, into)
	if s.First == s.Second && s.Noise == 0 {
		return
	}
	second := make([]uint8, len(into))
	r.record(s.Second, second)
	random := rand.New(rand.NewPCG(s.Seed, 0))
	for i, first := range into {
		v := float64(first) + s.Share*(float64(second[i])-float64(first))
		if s.Noise > 0 {
			v += random.NormFloat64() * s.Noise * r.mix.spread[i%3]
		}
		into[i] = uint8(math.Round(max(0, min(v, 255))))
	}
}
