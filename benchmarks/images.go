package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sync/errgroup"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// imageTask holds every image as 8-bit pixels at the network's input size.
type imageTask struct {
	linearRegressor
	model  ImageModel
	splits map[datasets.Split]*imageRows
}

type imageRows struct {
	Rows
	pixels []uint8  // rows × size × size × 3
	mix    *mixture // of a resampled training split, whose pixels are those of the original rows
}

func loadImages(ds *datasets.Dataset, r Recipe, _ LoadOptions) (Task, error) {
	if ds.Meta.Modality != datasets.Image || r.Image == nil {
		return nil, fmt.Errorf("dataset %s holds %q inputs: expected images", ds.Meta.Name, ds.Meta.Modality)
	}
	task := &imageTask{model: *r.Image, splits: map[datasets.Split]*imageRows{}}
	for _, split := range datasets.Splits {
		rows, err := readImages(ds, split, r.Image.Size)
		if err != nil {
			return nil, err
		}
		task.splits[split] = rows
	}
	return task, nil
}

// readImages streams a split and decodes it on all cores.
func readImages(ds *datasets.Dataset, split datasets.Split, size int) (*imageRows, error) {
	stride := size * size * 3
	rows := &imageRows{pixels: make([]uint8, ds.Meta.Splits[split].Rows*stride)}
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for sample, err := range ds.Samples(split) {
		if err != nil {
			return nil, err
		}
		if (rows.Len()+1)*stride > len(rows.pixels) {
			return nil, fmt.Errorf("%s: split %s has more rows than dataset.yaml says; run data verify", ds.Meta.Name, split)
		}
		into := rows.pixels[rows.Len()*stride:][:stride]
		rows.IDs, rows.Labels = append(rows.IDs, sample.ID), append(rows.Labels, sample.Label)
		workers.Go(func() error {
			pixels, err := transform.DecodeRGB(sample.Image, size, size)
			if err != nil {
				return fmt.Errorf("%s: split %s, id %s: %w", ds.Meta.Name, split, sample.ID, err)
			}
			copy(into, pixels)
			return nil
		})
	}
	return rows, workers.Wait()
}

func (t *imageTask) Split(split datasets.Split) *Rows { return &t.splits[split].Rows }

// resnet50Dim is the width of ResNet-50's feature.
const resnet50Dim = 2048

func (t *imageTask) Dim() int {
	if t.model.Encoder == "resnet50" {
		return resnet50Dim
	}
	return 4 * t.model.Width
}

// Batch returns one float32 tensor [n, size, size, 3] in [-1, 1].
func (t *imageTask) Batch(split datasets.Split, rows []int, random *rand.Rand) ([]*tensors.Tensor, []float32) {
	size := t.model.Size
	stride := size * size * 3
	source := t.splits[split]
	batch := tensors.FromShape(shapes.Make(dtypes.Float32, len(rows), size, size, 3))
	mixed, augmented := make([]uint8, stride), make([]uint8, stride)
	tensors.MustMutableFlatData(batch, func(flat []float32) {
		for i, row := range rows {
			pixels := source.image(row, mixed)
			if random != nil {
				pad := t.model.CropPad
				flip, dx, dy := random.IntN(2) == 1, random.IntN(2*pad+1), random.IntN(2*pad+1)
				transform.Augment(augmented, pixels, size, pad, flip, dx, dy)
				pixels = augmented
			}
			transform.Normalise(flat[i*stride:][:stride], pixels)
		}
	})
	return []*tensors.Tensor{batch}, source.labelsOf(rows)
}

func (t *imageTask) Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node {
	if t.model.Encoder == "resnet50" {
		return models.ResNet50(scope, inputs[0], training)
	}
	return models.TinyResNet(scope, inputs[0], models.TinyConfig{Width: t.model.Width, Blocks: 2}, training)
}
