package task

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/pixelcache"
	"github.com/dirbench/dirbench/datasets/transform"
)

// ImageModel is an image encoder and its input.
type ImageModel struct {
	Encoder string `yaml:"encoder" json:"encoder"` // tiny-resnet or resnet50
	Size    int    `yaml:"size" json:"size"`       // side of the square input in pixels
	CropPad int    `yaml:"crop_pad" json:"crop_pad"`
	Width   int    `yaml:"width,omitempty" json:"width,omitempty"` // channels of tiny-resnet's first stage
	// Augmentation is what training does with an image: "" is the release's, a crop after padding by crop_pad and a flip;
	// see [CropAndColour] for the other one.
	Augmentation string `yaml:"augmentation,omitempty" json:"augmentation,omitempty"`
}

// CropAndColour is the augmentation of contrastive learning, with the numbers of Rank-N-Contrast: a part of the image
// of random place, size and form, a flip, and changed colours; see [transform.CropAndColour].
const CropAndColour = "crop-and-colour"

// Validate reports the first thing wrong with the section.
func (m *ImageModel) Validate() error {
	if m.Encoder == "tiny-resnet" && m.Width < 1 {
		return fmt.Errorf("image: width %d: expected at least 1", m.Width)
	}
	if m.Size < 8 || m.CropPad < 0 {
		return fmt.Errorf("image: size %d, crop_pad %d: expected a size of at least 8 and a padding of 0 or more", m.Size,
			m.CropPad)
	}
	if m.Augmentation != "" && m.Augmentation != CropAndColour {
		return fmt.Errorf("image: augmentation %q: expected %s, or none for padding, crop and flip", m.Augmentation,
			CropAndColour)
	}
	if m.Encoder != "tiny-resnet" && m.Encoder != "resnet50" {
		return fmt.Errorf("image: encoder %q: expected tiny-resnet or resnet50", m.Encoder)
	}
	return nil
}

// Modality is that of images.
func (*ImageModel) Modality() datasets.Modality { return datasets.Image }

// Traits say that training crops and flips at random. The networks are trained from scratch.
func (*ImageModel) Traits() InputTraits { return InputTraits{Augmented: true} }

// Small has fewer pixels.
func (m *ImageModel) Small() Input {
	small := *m
	small.Size, small.CropPad = min(m.Size, 32), min(m.CropPad, 4)
	return &small
}

// Trained returns the section itself.
func (m *ImageModel) Trained() Input { return m }

// TorchNames are those of the official age networks.
func (m *ImageModel) TorchNames() TorchNames {
	if m.Encoder != "resnet50" {
		return TorchNames{}
	}
	return TorchNames{Encoder: models.ResNet50Names(), Regressor: models.LinearNames().In("linear.", ""), FDS: "FDS."}
}

// Preparation is a resize, whatever the proportions, and a normalisation.
func (m *ImageModel) Preparation(*datasets.Dataset) (map[string]any, error) {
	return map[string]any{"width": m.Size, "height": m.Size, "resize": resizeFilter, "channels": "RGB",
		"mean": []float64{0.5, 0.5, 0.5}, "std": []float64{0.5, 0.5, 0.5}}, nil
}

// resizeFilter is the form of [transform.Resize], for people.
const resizeFilter = "bilinear with antialiasing on 8-bit values, as Pillow's BILINEAR"

// imageTask has every image as 8-bit pixels at the network's input size, in a cache on disk.
type imageTask struct {
	Base[*imageRows]
	model   ImageModel
	scratch *scratch // for one image
}

type imageRows struct {
	Rows
	pixels *pixelcache.Records // size × size × 3 of each row
	mix    *mixture            // of a resampled training split, whose pixels are those of the original rows
}

// Load decodes the images, unless they are decoded on disk.
func (m *ImageModel) Load(ds *datasets.Dataset, _ Recipe, options LoadOptions) (Task, error) {
	task := &imageTask{model: *m, scratch: newScratch(m.Size * m.Size * 3)}
	task.Splits = map[datasets.Split]*imageRows{}
	for _, split := range options.splits() {
		rows, err := readImages(ds, split, m.Size, options)
		if err != nil {
			return nil, err
		}
		task.Splits[split] = rows
	}
	return task, nil
}

// readImages reads ids and labels; the images too if they are not decoded yet.
func readImages(ds *datasets.Dataset, split datasets.Split, size int, options LoadOptions) (*imageRows, error) {
	rows, err := readRows(ds, split)
	if err != nil {
		return nil, err
	}
	pixels, err := pixelcache.Open(pixelcache.Spec{
		Dataset: ds, Split: split, Kind: fmt.Sprintf("rgb-%dx%d", size, size), Size: size * size * 3,
		Version: transform.DecodeVersion(ds.Meta.Chroma),
		Decode: func(sample datasets.Sample, record []byte) error {
			return transform.DecodeRGBInto(record, sample.Image, size, size, ds.Meta.Chroma)
		},
		Note: options.Note,
	})
	return &imageRows{Rows: rows, pixels: pixels}, err
}

// readRows reads what is known of the rows of a split with one label each, besides their inputs.
func readRows(ds *datasets.Dataset, split datasets.Split) (rows Rows, err error) {
	if rows.IDs, err = ds.IDs(split); err == nil {
		rows.Labels, err = ds.Labels(split)
	}
	return rows, err
}

// resnet50Dim is the width of ResNet-50's feature.
const resnet50Dim = 2048

func (t *imageTask) Dim() int {
	if t.model.Encoder == "resnet50" {
		return resnet50Dim
	}
	return 4 * t.model.Width
}

// Batch returns one uint8 tensor [n, size, size, 3], which Encode normalises: a quarter of the bytes on their way to
// the device.
func (t *imageTask) Batch(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) (
	[]*tensors.Tensor, []float32) {
	size, stride := t.model.Size, t.scratch.size
	source, changes := t.Splits[split], t.drawChanges(len(rows), random)
	source.willNeed(rows)
	batch := filled(memory, shapes.Make(dtypes.Uint8, len(rows), size, size, 3), func(flat []uint8) {
		inParallel(len(rows), func(i int) {
			t.image(flat[i*stride:][:stride], source, rows[i], changes[i])
		})
	})
	return []*tensors.Tensor{batch}, source.labelsOf(rows)
}

// imageChange is the augmentation of one image, or none.
type imageChange struct {
	augment, flip bool
	dx, dy        int
	colour        *transform.CropAndColour // in place of the others
}

// drawChanges draws the changes of a batch in the order of its images, whoever makes them in whatever order.
func (t *imageTask) drawChanges(n int, random *rand.Rand) []imageChange {
	changes, pad := make([]imageChange, n), t.model.CropPad
	for i := range changes {
		switch {
		case random == nil:
		case t.model.Augmentation == CropAndColour:
			changes[i] = imageChange{augment: true, colour: transform.DrawCropAndColour(random, t.model.Size)}
		default:
			changes[i] = imageChange{augment: true, flip: random.IntN(2) == 1, dx: random.IntN(2*pad + 1),
				dy: random.IntN(2*pad + 1)}
		}
	}
	return changes
}

// image fills one image of a batch.
func (t *imageTask) image(into []uint8, source *imageRows, row int, change imageChange) {
	if !change.augment {
		source.image(row, into)
		return
	}
	pixels := t.scratch.take()
	defer t.scratch.put(pixels)
	source.image(row, pixels)
	if change.colour != nil {
		change.colour.Apply(into, pixels, t.model.Size)
		return
	}
	transform.Augment(into, pixels, t.model.Size, t.model.CropPad, change.flip, change.dx, change.dy)
}

// normalise maps 8-bit values to [-1, 1] as [transform.Normalise] does.
func normalise(pixels *graph.Node) *graph.Node {
	x := graph.ConvertDType(pixels, dtypes.Float32)
	x = graph.Div(x, graph.Scalar(x.Graph(), x.DType(), 255))
	return graph.MulScalar(graph.AddScalar(x, -0.5), 2)
}

func (t *imageTask) Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node {
	x := normalise(inputs[0])
	if t.model.Encoder == "resnet50" {
		return models.ResNet50(scope, x, training)
	}
	return models.TinyResNet(scope, x, models.TinyConfig{Width: t.model.Width, Blocks: 2}, training)
}

// WithFloats returns a task whose batches hold the float32 values that the network sees, for comparisons with pipelines
// that end in them. It is not for training. Tasks whose batches are floats already come back as they are.
func WithFloats(task Task) Task {
	if images, ok := task.(*imageTask); ok {
		return floatImages{images}
	}
	return task
}

// floatImages normalises images on the host.
type floatImages struct{ *imageTask }

// Batch returns one float32 tensor [n, size, size, 3] in [-1, 1].
func (t floatImages) Batch(memory *Memory, split datasets.Split, rows []int, random *rand.Rand) (
	[]*tensors.Tensor, []float32) {
	size, stride := t.model.Size, t.scratch.size
	source, changes := t.Splits[split], t.drawChanges(len(rows), random)
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
