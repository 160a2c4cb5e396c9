package task

import (
	"image"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// Batch returns one float32 tensor [n, height, width, 3] of the field of view, normalised by the colours of ImageNet,
// and for the training split the depths in metres of its pixels at the network's output size.
func (t *depthTask) Batch(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) (
	[]*tensors.Tensor, []float32) {
	size, out := t.view.Size(), t.outputSize()
	changes := make([]*depthChange, len(rows))
	for i := range changes {
		if random != nil {
			changes[i] = drawDepthChange(random, t.model.Rotate)
		}
	}
	stride, labelStride := size.X*size.Y*3, out.X*out.Y
	var labels []float32
	if split == datasets.Train {
		labels = make([]float32, len(rows)*labelStride)
	}
	source := t.Splits[split].frames
	source.willNeed(rows)
	batch := filled(memory, shapes.Make(dtypes.Float32, len(rows), size.Y, size.X, 3), func(flat []float32) {
		inParallel(len(rows), func(i int) {
			f := frame(t.scratch.take())
			defer t.scratch.put(f)
			source.read(rows[i], f)
			if labels != nil {
				t.labels(labels[i*labelStride:][:labelStride], f, changes[i])
			}
			t.image(flat[i*stride:][:stride], f.pixels(), changes[i])
		})
	})
	return []*tensors.Tensor{batch}, labels
}

// outputSize is the size of the network's predictions: twice that of the encoder's first feature map, a quarter of the
// image rounded up twice.
func (t *depthTask) outputSize() image.Point {
	quarter := func(n int) int { return ((n+1)/2 + 1) / 2 }
	return image.Point{X: 2 * quarter(t.view.Dx()), Y: 2 * quarter(t.view.Dy())}
}

// depthChange is the augmentation of one frame.
type depthChange struct {
	flip     bool
	degrees  float64
	lighting [3]float32
	jitter   [3]float32
	order    [3]transform.Jitter
}

// drawDepthChange draws what the official code draws: a flip, a rotation, and noise of lighting and colour.
func drawDepthChange(random *rand.Rand, degrees float64) *depthChange {
	c := &depthChange{flip: random.IntN(2) == 1, degrees: (2*random.Float64() - 1) * degrees}
	for i, step := range random.Perm(len(c.order)) {
		c.order[i] = transform.Jitter(step)
		c.lighting[i] = float32(transform.LightingStd * random.NormFloat64())
		c.jitter[i] = float32((2*random.Float64() - 1) * transform.JitterStrength)
	}
	return c
}

// image fills one image of a batch. It changes the pixels.
func (t *depthTask) image(into []float32, pixels []uint8, change *depthChange) {
	width, height := t.model.Frame[0], t.model.Frame[1]
	if change != nil {
		if change.flip {
			transform.Flip(pixels, width, 3)
		}
		if change.degrees != 0 {
			transform.RotateRGB(pixels, pixels, width, height, change.degrees)
		}
	}
	transform.Unit(into, transform.Crop(pixels, width, 3, t.view))
	if change != nil {
		transform.Lighting(into, change.lighting)
		transform.ColourJitter(into, change.jitter, change.order)
	}
	transform.NormaliseImageNet(into)
}

// labels fills the depths of one image, 0 where they are unknown: in the corners that a rotation uncovers, for one. The
// spline of the rotation overshoots beside jumps, so that its depths are limited to the label range.
func (t *depthTask) labels(into []float32, f frame, change *depthChange) {
	width, height := t.model.Frame[0], t.model.Frame[1]
	depth := make([]float32, width*height)
	f.metres(depth)
	if change != nil {
		if change.flip {
			transform.Flip(depth, width, 1)
		}
		if change.degrees != 0 {
			transform.RotatePlane(depth, depth, width, height, change.degrees)
		}
	}
	out := t.outputSize()
	depth = transform.Crop(depth, width, 1, t.view)
	for i, d := range transform.ResizeNearest(depth, t.view.Dx(), t.view.Dy(), out.X, out.Y) {
		into[i] = min(max(d, float32(t.space.Min)), float32(t.space.Max))
	}
}
