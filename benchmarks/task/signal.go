package task

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// signalTask holds recordings cut into windows.
type signalTask struct {
	linearRegressor
	model  SignalModel
	groups []windowShape
	splits map[datasets.Split]*signalRows
}

// windowShape is the size of a window of one channel group.
type windowShape struct{ samples, channels int }

func (w windowShape) values() int { return w.samples * w.channels }

type signalRows struct {
	Rows
	windows []int       // of each recording
	signals [][][]int16 // by row and channel group: windows × samples × channels, see normalise
	mix     *mixture    // of a resampled training split, whose windows and signals are those of the original rows
}

func LoadSignals(ds *datasets.Dataset, r Recipe, _ LoadOptions) (Task, error) {
	if ds.Meta.Modality != datasets.Signal || r.Signal == nil {
		return nil, fmt.Errorf("dataset %s holds %q inputs: expected recordings", ds.Meta.Name, ds.Meta.Modality)
	}
	task := &signalTask{model: *r.Signal, splits: map[datasets.Split]*signalRows{}}
	for _, group := range ds.Meta.Groups {
		samples := int(math.Round(group.Rate * r.Signal.WindowSeconds))
		if samples < 1 {
			return nil, fmt.Errorf("dataset %s: group %s has %g samples a second, a window of %g s holds none",
				ds.Meta.Name, group.Name, group.Rate, r.Signal.WindowSeconds)
		}
		task.groups = append(task.groups, windowShape{samples, len(group.Channels)})
	}
	for _, split := range datasets.Splits {
		task.splits[split] = &signalRows{}
		if err := task.read(ds, split); err != nil {
			return nil, err
		}
	}
	return task, nil
}

func (t *signalTask) read(ds *datasets.Dataset, split datasets.Split) error {
	rows := t.splits[split]
	for sample, err := range ds.Samples(split) {
		if err != nil {
			return err
		}
		windows := t.windowsOf(sample)
		if windows == 0 {
			return fmt.Errorf("%s: split %s, id %s: the recording is shorter than a window of %g s",
				ds.Meta.Name, split, sample.ID, t.model.WindowSeconds)
		}
		signals := make([][]int16, len(t.groups))
		inParallel(len(t.groups), func(i int) {
			used := sample.Signals[i][:windows*t.groups[i].values()]
			signals[i] = normaliseSignal(used, t.groups[i].channels)
		})
		rows.IDs, rows.Labels = append(rows.IDs, sample.ID), append(rows.Labels, sample.Label)
		rows.windows, rows.signals = append(rows.windows, windows), append(rows.signals, signals)
	}
	return nil
}

// windowsOf returns the number of whole windows that a recording has in every group, at most that of the model.
func (t *signalTask) windowsOf(sample datasets.Sample) int {
	windows := t.model.Windows
	for i, series := range sample.Signals {
		windows = min(windows, len(series)/t.groups[i].values())
	}
	return windows
}

func (t *signalTask) Split(split datasets.Split) *Rows { return &t.splits[split].Rows }

// Dim is one summary of Hidden values for each channel group.
func (t *signalTask) Dim() int { return len(t.groups) * t.model.Hidden }

// Batch returns a float32 tensor [n, Windows, samples, channels] for each channel group, and a mask [n, Windows] that is 1
// where a recording has the window; where it has not, its windows are repeated, so that batch normalisation sees only real
// ones. Recordings have no augmentation.
func (t *signalTask) Batch(split datasets.Split, rows []int, _ *rand.Rand) ([]*tensors.Tensor, []float32) {
	all := t.splits[split]
	var batch []*tensors.Tensor
	for g, shape := range t.groups {
		x := tensors.FromShape(shapes.Make(dtypes.Float32, len(rows), t.model.Windows, shape.samples, shape.channels))
		tensors.MustMutableFlatData(x, func(flat []float32) {
			stride := t.model.Windows * shape.values()
			inParallel(len(rows), func(i int) {
				all.fill(flat[i*stride:][:stride], rows[i], g)
			})
		})
		batch = append(batch, x)
	}
	mask := make([]float32, len(rows)*t.model.Windows)
	for i, row := range rows {
		for w := range all.windowsOf(row) {
			mask[i*t.model.Windows+w] = 1
		}
	}
	batch = append(batch, tensors.FromFlatDataAndDimensions(mask, len(rows), t.model.Windows))
	return batch, all.labelsOf(rows)
}

func (t *signalTask) Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node {
	groups, mask := inputs[:len(t.groups)], inputs[len(t.groups)]
	return models.SignalEncoder(scope, groups, mask, models.SignalConfig{Width: t.model.Width, Hidden: t.model.Hidden}, training)
}
