package task

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// SignalModel is a network on recordings of several channel groups, and its input.
type SignalModel struct {
	Width         int     `yaml:"width" json:"width"`     // channels of the first stage of each ResNet
	Hidden        int     `yaml:"hidden" json:"hidden"`   // of each group's recurrent layer
	Windows       int     `yaml:"windows" json:"windows"` // most windows of a recording that are used, from its beginning
	WindowSeconds float64 `yaml:"window_seconds" json:"window_seconds"`
}

// Validate reports the first thing wrong with the section.
func (m *SignalModel) Validate() error {
	if m.Width < 1 || m.Hidden < 1 || m.Windows < 1 || m.Windows > 10000 {
		return fmt.Errorf("signal: width %d, hidden %d, windows %d: expected at least 1, and at most 10000 windows", m.Width,
			m.Hidden, m.Windows)
	}
	if !(m.WindowSeconds > 0) || m.WindowSeconds > 3600 {
		return fmt.Errorf("signal: window_seconds %g: expected more than 0 and at most 3600", m.WindowSeconds)
	}
	return nil
}

// Modality is that of recordings.
func (*SignalModel) Modality() datasets.Modality { return datasets.Signal }

// Traits are those of an input without any.
func (*SignalModel) Traits() InputTraits { return InputTraits{} }

// Small has fewer windows.
func (m *SignalModel) Small() Input {
	small := *m
	small.Windows = min(m.Windows, 2)
	return &small
}

// Trained returns the section itself.
func (m *SignalModel) Trained() Input { return m }

// TorchNames are none: no network was released.
func (*SignalModel) TorchNames() TorchNames { return TorchNames{} }

// Preparation are the channel groups with their rates, the windows and how channels are normalised.
func (m *SignalModel) Preparation(ds *datasets.Dataset) (map[string]any, error) {
	var groups []map[string]any
	for _, g := range ds.Meta.Groups {
		groups = append(groups, map[string]any{"name": g.Name, "channels": g.Channels, "rate": g.Rate, "unit": g.Unit,
			"window_samples": m.samplesOf(g)})
	}
	return map[string]any{"groups": groups, "window_seconds": m.WindowSeconds, "windows": m.Windows,
		"centre": "median of the recording's channel", "scale": "1.4826 times its median absolute deviation",
		"limit": signalLimit, "step": signalStep}, nil
}

// samplesOf returns the number of samples of each channel of a group in a window.
func (m *SignalModel) samplesOf(g datasets.ChannelGroup) int {
	return int(math.Round(g.Rate * m.WindowSeconds))
}

// signalTask holds recordings cut into windows.
type signalTask struct {
	Base[*signalRows]
	model  SignalModel
	groups []windowShape
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

// Load cuts the recordings into windows.
func (m *SignalModel) Load(ds *datasets.Dataset, _ Recipe, options LoadOptions) (Task, error) {
	task := &signalTask{model: *m}
	task.Splits = map[datasets.Split]*signalRows{}
	for _, group := range ds.Meta.Groups {
		samples := m.samplesOf(group)
		if samples < 1 {
			return nil, fmt.Errorf("dataset %s: group %s has %g samples a second, a window of %g s holds none",
				ds.Meta.Name, group.Name, group.Rate, m.WindowSeconds)
		}
		task.groups = append(task.groups, windowShape{samples, len(group.Channels)})
	}
	for _, split := range options.splits() {
		task.Splits[split] = &signalRows{}
		if err := task.read(ds, split); err != nil {
			return nil, err
		}
	}
	return task, nil
}

func (t *signalTask) read(ds *datasets.Dataset, split datasets.Split) error {
	rows := t.Splits[split]
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

// Dim is one summary of Hidden values for each channel group.
func (t *signalTask) Dim() int { return len(t.groups) * t.model.Hidden }

// Batch returns a float32 tensor [n, Windows, samples, channels] for each channel group, and a mask [n, Windows] that
// is 1 where a recording has the window; where it has not, its windows are repeated, so that batch normalisation sees
// only real ones. Recordings have no augmentation.
func (t *signalTask) Batch(_ *Memory, split datasets.Split, rows []int, _ *rand.Rand) ([]*tensors.Tensor, []float32) {
	all := t.Splits[split]
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
	return models.SignalEncoder(scope, groups, mask, models.SignalConfig{Width: t.model.Width, Hidden: t.model.Hidden},
		training)
}

// A normalised value is held as a whole number of steps: signals come from 16-bit files, and a night takes half the
// memory.
const (
	signalLimit = 20 // normalised values beyond are artefacts and cut off
	signalStep  = signalLimit / float64(math.MaxInt16)
)

// normaliseSignal moves every channel of an interleaved series to median 0 and a robust standard deviation of 1 (1.4826
// times the median absolute deviation), so that neither a recorder's scale nor its artefacts matter.
func normaliseSignal(series []float32, channels int) []int16 {
	out := make([]int16, len(series))
	for c := range channels {
		centre, scale := robustScale(series, c, channels)
		for i := c; i < len(series); i += channels {
			v := max(-signalLimit, min((float64(series[i])-centre)/scale, signalLimit))
			out[i] = int16(math.Round(v / signalStep))
		}
	}
	return out
}

func denormalise(into []float32, series []int16) {
	for i := range into {
		into[i] = float32(series[i]) * float32(signalStep)
	}
}

// robustScale returns the median and robust standard deviation of a channel, from at most some ten thousand values
// spread over the series. A channel that hardly varies has the scale 1.
func robustScale(series []float32, channel, channels int) (centre, scale float64) {
	const most = 1 << 14
	every := channels * max(1, len(series)/channels/most)
	var values []float64
	for i := channel; i < len(series); i += every {
		values = append(values, float64(series[i]))
	}
	centre = medianOf(values)
	for i, v := range values {
		values[i] = math.Abs(v - centre)
	}
	const normal = 1.4826 // of the median absolute deviation of a normal distribution
	if scale = normal * medianOf(values); scale < 1e-9 {
		return centre, 1
	}
	return centre, scale
}

// medianOf returns the upper median; it sorts the values.
func medianOf(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
