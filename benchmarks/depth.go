package benchmarks

import (
	"fmt"
	"image"
	"runtime"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"golang.org/x/sync/errgroup"

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
}

// depthRows are the frames of a split. Training frames have their depth at the network's size, the others the evaluated
// pixels instead.
type depthRows struct {
	Rows
	frames frames
	points Rows
	at     [][]int32 // evaluated pixels of each frame, as positions in the evaluated field of view
}

func loadDepth(ds *datasets.Dataset, r Recipe, options LoadOptions) (Task, error) {
	if ds.Meta.Modality != datasets.Depth || r.Depth == nil {
		return nil, fmt.Errorf("dataset %s holds %q inputs: expected images with depth", ds.Meta.Name, ds.Meta.Modality)
	}
	task := &depthTask{model: *r.Depth, space: ds.Meta.LabelSpace, splits: map[datasets.Split]*depthRows{}}
	task.view = transform.FieldOfView(r.Depth.Frame[0], r.Depth.Frame[1])
	for _, split := range datasets.Splits {
		task.splits[split] = &depthRows{frames: newFrames(r.Depth.Frame, ds.Meta.Splits[split].Rows)}
	}
	for _, split := range datasets.Splits {
		into := []datasets.Split{split}
		if split == datasets.Val && r.Selection == SelectOfficialTest {
			into = []datasets.Split{split, datasets.Train}
		}
		if err := task.read(ds, split, into); err != nil {
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

// decoded is a frame on its way into memory.
type decoded struct {
	sample datasets.Sample
	labels datasets.Frame
	frame  frame
}

// read streams a split, decoding a batch of frames at a time on all cores, and adds it to the given splits.
func (t *depthTask) read(ds *datasets.Dataset, split datasets.Split, into []datasets.Split) error {
	const batch = 64
	pending := make([]decoded, 0, batch)
	flush := func() error {
		if err := t.decode(pending); err != nil {
			return fmt.Errorf("%s: split %s, %w", ds.Meta.Name, split, err)
		}
		for _, d := range pending {
			for _, s := range into {
				if err := t.add(s, d); err != nil {
					return fmt.Errorf("%s: split %s, id %s: %w", ds.Meta.Name, split, d.sample.ID, err)
				}
			}
		}
		pending = pending[:0]
		return nil
	}
	for sample, err := range ds.Samples(split) {
		if err != nil {
			return err
		}
		if pending = append(pending, decoded{sample: sample}); len(pending) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (t *depthTask) decode(batch []decoded) error {
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i := range batch {
		d := &batch[i]
		workers.Go(func() (err error) {
			if d.labels, err = d.sample.Frame(); err == nil {
				d.frame, err = newFrame(d.sample, d.labels.Depth, t.model.Frame)
			}
			if err != nil {
				return fmt.Errorf("id %s: %w", d.sample.ID, err)
			}
			return nil
		})
	}
	return workers.Wait()
}

func (t *depthTask) add(split datasets.Split, d decoded) error {
	size := d.labels.View.Size()
	if t.evaluated == (image.Point{}) {
		t.evaluated = size
	}
	if size != t.evaluated {
		return fmt.Errorf("a field of view of %d×%d pixels, the first frame has %d×%d: expected frames of one size",
			size.X, size.Y, t.evaluated.X, t.evaluated.Y)
	}
	rows := t.splits[split]
	if split == datasets.Train {
		if d.sample.Subset {
			rows.Subset = append(rows.Subset, rows.Len())
		}
	} else {
		rows.addPoints(d)
	}
	rows.IDs = append(rows.IDs, d.sample.ID)
	rows.frames.add(d.sample, d.frame)
	return nil
}

// addPoints notes the evaluated pixels of a frame.
func (r *depthRows) addPoints(d decoded) {
	var at []int32
	view, width := d.labels.View, d.labels.Depth.Width
	for y := view.Min.Y; y < view.Max.Y; y++ {
		for x := view.Min.X; x < view.Max.X; x++ {
			depth := d.labels.Depth.Millimetres[y*width+x]
			if depth == 0 || d.labels.Mask != nil && !d.labels.Mask.On[y*width+x] {
				continue
			}
			at = append(at, int32((y-view.Min.Y)*view.Dx()+x-view.Min.X))
			r.points.IDs = append(r.points.IDs, fmt.Sprintf("%s@%d,%d", d.sample.ID, x, y))
			r.points.Labels = append(r.points.Labels, datasets.Metres(depth))
		}
	}
	r.at = append(r.at, at)
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
