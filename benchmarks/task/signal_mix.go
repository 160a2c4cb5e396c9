package task

import (
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// Descriptor returns four statistics of each channel of a recording: mean, standard deviation, mean absolute value and
// mean absolute step between neighbouring values, all of the normalised signal.
func (t *signalTask) Descriptor(row int) []float32 {
	var described []float32
	for g, series := range t.Splits[datasets.Train].signals[row] {
		channels := t.groups[g].channels
		for c := range channels {
			var values, sizes, steps moments
			for i := c; i < len(series); i += channels {
				v := float64(series[i]) * signalStep
				values.add(v)
				sizes.add(math.Abs(v))
				if i >= channels {
					steps.add(math.Abs(v - float64(series[i-channels])*signalStep))
				}
			}
			described = append(described, float32(values.mean()), float32(values.deviation()), float32(sizes.mean()),
				float32(steps.mean()))
		}
	}
	return described
}

// Mix interpolates recordings window by window; a synthetic one has as many windows as the longer of its parents. Noise
// is a share of 1, the robust standard deviation to which every channel is normalised.
func (t *signalTask) Mix(r methods.Resampled) (Task, error) {
	original := t.Splits[datasets.Train]
	mix := &mixture{Resampled: r}
	train := &signalRows{Rows: mix.rows(&original.Rows), windows: original.windows, signals: original.signals, mix: mix}
	mixed := *t
	mixed.Splits = withTraining(t.Splits, train)
	return &mixed, nil
}

// windowsOf returns the number of windows of a row.
func (r *signalRows) windowsOf(row int) int {
	s := r.mix.at(row)
	return max(r.windows[s.First], r.windows[s.Second])
}

// fill writes the windows of a row and channel group, repeated to the length of into.
func (r *signalRows) fill(into []float32, row, group int) {
	s := r.mix.at(row)
	repeatSignal(into, r.signals[s.First][group])
	if s.First != s.Second {
		second := make([]float32, len(into))
		repeatSignal(second, r.signals[s.Second][group])
		for i, v := range second {
			into[i] += float32(s.Share) * (v - into[i])
		}
	}
	if s.Noise > 0 {
		random := rand.New(rand.NewPCG(s.Seed, uint64(group)))
		for i := range into {
			into[i] += float32(random.NormFloat64() * s.Noise)
		}
	}
}

func repeatSignal(into []float32, own []int16) {
	for at := 0; at < len(into); at += len(own) {
		denormalise(into[at:min(at+len(own), len(into))], own)
	}
}
