package task

import (
	"fmt"
	"image"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/benchmarks/torchfile"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/transform"
)

// DepthModel is a network that predicts the depth of every pixel, and its input.
type DepthModel struct {
	Encoder    string  `yaml:"encoder" json:"encoder"`       // tiny or resnet50
	Width      int     `yaml:"width" json:"width"`           // channels of the encoder's first feature map
	Pretrained bool    `yaml:"pretrained" json:"pretrained"` // encoder initialised from a file; false: at random
	Frame      [2]int  `yaml:"frame,flow" json:"frame"`      // width and height of frames before the crop
	Rotate     float64 `yaml:"rotate" json:"rotate"`         // largest rotation in degrees
}

// Validate reports the first thing wrong with the section.
func (m *DepthModel) Validate() error {
	if err := (models.DepthConfig{Encoder: m.Encoder, Width: m.Width}).Validate(); err != nil {
		return fmt.Errorf("depth: %w", err)
	}
	switch {
	case m.Frame[0] < 32 || m.Frame[1] < 24 || m.Frame[0] > 4096 || m.Frame[1] > 4096:
		return fmt.Errorf("depth: frame %v: expected at least 32×24 and at most 4096×4096 pixels", m.Frame)
	case m.Rotate < 0 || m.Rotate > 45:
		return fmt.Errorf("depth: rotate %g: expected 0 to 45 degrees", m.Rotate)
	case m.Pretrained && m.Encoder != "resnet50":
		return fmt.Errorf("depth: pretrained: only the encoder resnet50 can be")
	}
	return nil
}

// Modality is that of images with depth.
func (*DepthModel) Modality() datasets.Modality { return datasets.Depth }

// Traits say that training flips, rotates and recolours at random, and that an encoder which is not initialised at
// random needs its file.
func (m *DepthModel) Traits() InputTraits {
	traits := InputTraits{Augmented: true}
	if m.Pretrained {
		traits.Needs, traits.Form = PretrainedEncoder, "torchvision's ResNet-50, .pth or .safetensors"
	}
	return traits
}

// Small has smaller frames.
func (m *DepthModel) Small() Input {
	small := *m
	small.Frame = [2]int{min(m.Frame[0], 76), min(m.Frame[1], 57)}
	return &small
}

// Trained needs no pretrained encoder: the checkpoint has its parameters.
func (m *DepthModel) Trained() Input {
	trained := *m
	trained.Pretrained = false
	return &trained
}

// TorchNames are those of the official NYUD2-DIR network.
func (m *DepthModel) TorchNames() TorchNames {
	if m.Encoder != "resnet50" {
		return TorchNames{}
	}
	encoder, feature, head := models.DepthNames()
	return TorchNames{Encoder: encoder, Regressor: models.JoinTorchNames(feature, head), FDS: "R.FDS."}
}

// Preparation is a resize, a crop to the field of view and a normalisation by the colours of ImageNet.
func (m *DepthModel) Preparation(*datasets.Dataset) (map[string]any, error) {
	view := transform.FieldOfView(m.Frame[0], m.Frame[1])
	mean, std := transform.ImageNetColours()
	return map[string]any{"width": m.Frame[0], "height": m.Frame[1], "resize": resizeFilter, "channels": "RGB",
		"crop": map[string]int{"left": view.Min.X, "top": view.Min.Y, "width": view.Dx(), "height": view.Dy()},
		"mean": mean, "std": std,
		"evaluated": "predictions enlarged to the field of view of the dataset's frames, bilinear with aligned corners"}, nil
}

// depthTask predicts the depth of every pixel of a frame.
type depthTask struct {
	Base[*depthRows]
	model DepthModel
	space datasets.LabelSpace
	view  image.Rectangle // field of view of a frame at the network's size
	// evaluated is the size of the field of view of the dataset's own frames, at which predictions are evaluated.
	evaluated image.Point
	// pretrained are the initial parameters of the encoder by their names in PyTorch, nil without.
	pretrained map[string]models.TorchTensor
	scratch    *scratch // for one frame
}

// depthRows are the frames of a split, and unless they are for training the pixels at which they are evaluated.
type depthRows struct {
	Rows
	frames frames
	points Rows
	at     [][]int32 // evaluated pixels of each frame, as positions in the evaluated field of view
}

// Load decodes the frames, unless they are decoded on disk. Where the test split chooses the epoch, the validation rows
// are training rows too.
func (m *DepthModel) Load(ds *datasets.Dataset, r Recipe, options LoadOptions) (Task, error) {
	task := &depthTask{model: *m, space: ds.Meta.LabelSpace, scratch: newScratch(frameSize(m.Frame))}
	task.Splits = map[datasets.Split]*depthRows{}
	task.view = transform.FieldOfView(m.Frame[0], m.Frame[1])
	for _, split := range datasets.Splits {
		task.Splits[split] = &depthRows{}
	}
	for _, split := range options.splits() {
		into := []datasets.Split{split}
		if split == datasets.Val && r.Selection.Split == SelectOfficialTest {
			into = []datasets.Split{split, datasets.Train}
		}
		if err := task.read(ds, split, into, options); err != nil {
			return nil, err
		}
	}
	if !m.Pretrained {
		return task, nil
	}
	var err error
	task.pretrained, err = torchfile.Read(options.Encoder)
	return task, err
}

func (t *depthTask) Dense() bool { return true }

// Points returns the evaluated pixels of a split, with ids FRAME@x,y.
func (t *depthTask) Points(split datasets.Split) *Rows { return &t.Splits[split].points }

func (t *depthTask) Pick(split datasets.Split, rows []int, predictions, into []float32) []float32 {
	stride := t.evaluated.X * t.evaluated.Y
	for i, row := range rows {
		for _, at := range t.Splits[split].at[row] {
			into = append(into, predictions[i*stride+int(at)])
		}
	}
	return into
}

func (t *depthTask) config() models.DepthConfig {
	return models.DepthConfig{Encoder: t.model.Encoder, Width: t.model.Width}
}

func (t *depthTask) Dim() int { return models.DepthFeatureDim(t.config()) }

func (t *depthTask) Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node {
	return models.DepthEncoder(scope, inputs[0], t.config(), training)
}

func (t *depthTask) Feature(scope *model.Scope, encoded *graph.Node, training bool) *graph.Node {
	return models.DepthFeature(scope, encoded, training)
}

func (t *depthTask) Regress(scope *model.Scope, z *graph.Node) *graph.Node {
	return models.DepthHead(scope, z)
}

// Enlarge resizes predictions [n, h, w] to the evaluated field of view, bilinearly with aligned corners as the
// original.
func (t *depthTask) Enlarge(predictions *graph.Node) *graph.Node {
	maps := graph.InsertAxes(predictions, -1)
	return graph.Squeeze(models.Resize(maps, t.evaluated.Y, t.evaluated.X, true), -1)
}

// Initialise stores the pretrained parameters of the encoder, a ResNet-50 with torchvision's names.
func (t *depthTask) Initialise(encoder *model.Scope) error {
	if t.pretrained == nil {
		return nil
	}
	report, err := models.ResNet50Names().In("", "backbone").Load(encoder, t.pretrained)
	if err != nil {
		return err
	}
	if n := len(report.Missing); n > 0 {
		return fmt.Errorf("pretrained encoder: %d parameters are missing, %s among them: expected torchvision's ResNet-50",
			n, report.Missing[0])
	}
	return nil
}
