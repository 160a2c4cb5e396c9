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

// depthTask predicts the depth of every pixel of a frame.
type depthTask struct {
	model  DepthModel
	space  datasets.LabelSpace
	view   image.Rectangle // field of view of a frame at the network's size
	splits map[datasets.Split]*depthRows
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

func LoadDepth(ds *datasets.Dataset, r Recipe, options LoadOptions) (Task, error) {
	if ds.Meta.Modality != datasets.Depth || r.Depth == nil {
		return nil, fmt.Errorf("dataset %s holds %q inputs: expected images with depth", ds.Meta.Name, ds.Meta.Modality)
	}
	task := &depthTask{model: *r.Depth, space: ds.Meta.LabelSpace, splits: map[datasets.Split]*depthRows{}}
	task.view = transform.FieldOfView(r.Depth.Frame[0], r.Depth.Frame[1])
	options = options.withNotesOnce()
	task.scratch = newScratch(frameSize(r.Depth.Frame))
	for _, split := range datasets.Splits {
		task.splits[split] = &depthRows{}
	}
	for _, split := range datasets.Splits {
		into := []datasets.Split{split}
		if split == datasets.Val && r.Selection == SelectOfficialTest {
			into = []datasets.Split{split, datasets.Train}
		}
		if err := task.read(ds, split, into, options); err != nil {
			return nil, err
		}
	}
	if !r.Depth.Pretrained {
		return task, nil
	}
	var err error
	task.pretrained, err = torchfile.Read(options.Encoder)
	return task, err
}

func (t *depthTask) Split(split datasets.Split) *Rows { return &t.splits[split].Rows }

// Points returns the evaluated pixels of a split, with ids FRAME@x,y.
func (t *depthTask) Points(split datasets.Split) *Rows { return &t.splits[split].points }

func (t *depthTask) Pick(split datasets.Split, rows []int, predictions, into []float32) []float32 {
	stride := t.evaluated.X * t.evaluated.Y
	for i, row := range rows {
		for _, at := range t.splits[split].at[row] {
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

// Enlarge resizes predictions [n, h, w] to the evaluated field of view, bilinearly with aligned corners as the original.
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
