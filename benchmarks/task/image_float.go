package task

import (
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// WithFloats returns a task whose batches hold the float32 values that the network sees, for comparisons with pipelines that end
// in them. It is not for training. Tasks whose batches are floats already come back as they are.
func WithFloats(task Task) Task {
	if images, ok := task.(*imageTask); ok {
		return floatImages{images}
	}
	return task
}

// floatImages normalises images on the host.
type floatImages struct{ *imageTask }

func (t floatImages) Batch(split datasets.Split, rows []int, random *rand.Rand) ([]*tensors.Tensor, []float32) {
	return t.BatchIn(nil, split, rows, random)
}

// BatchIn returns one float32 tensor [n, size, size, 3] in [-1, 1].
func (t floatImages) BatchIn(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) ([]*tensors.Tensor, []float32) {
	size, stride := t.model.Size, t.scratch.size
	source, changes := t.splits[split], t.drawChanges(len(rows), random)
	source.willNeed(rows)
	batch := filled(memory, shapes.Make(dtypes.Float32, len(rows), size, size, 3), func(flat []float32) {
		inParallel(len(rows), func(i int) {
			pixels := t.scratch.take()
			defer t.scratch.put(pixels)
			t.image(pixels, source, rows[i], changes[i])
			transform.Normalise(flat[i*stride:][:stride], pixels)
		})
	})
	return []*tensors.Tensor{batch}, source.labelsOf(rows)
}
