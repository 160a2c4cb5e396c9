package task

import (
	"math"
	"slices"
)

// A normalised value is held as a whole number of steps: signals come from 16-bit files, and a night takes half the memory.
const (
	signalLimit = 20 // normalised values beyond are artefacts and cut off
	signalStep  = signalLimit / float64(math.MaxInt16)
)

// normaliseSignal moves every channel of an interleaved series to median 0 and a robust standard deviation of 1 (1.4826 times
// the median absolute deviation), so that neither a recorder's scale nor its artefacts matter.
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

// robustScale returns the median and robust standard deviation of a channel, from at most some ten thousand values spread
// over the series. A channel that hardly varies has the scale 1.
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
