package twin

import (
	"math"
	"math/rand/v2"
)

// rhythm is noise of a narrow band about a frequency: the second-order autoregression
// y(t) = 2 r cos(w) y(t-1) - r² y(t-2) + g e(t), with g such that its variance is 1.
type rhythm struct {
	a, b, gain float64
	y1, y2     float64
}

// newRhythm takes the frequency in Hz and the width of the band as the share 1 - r, small for a narrow one.
func newRhythm(frequency, width float64) *rhythm {
	r, w := 1-width, 2*math.Pi*frequency/eegRate
	// Variance of an AR(2) process for unit noise: Box, Jenkins, Time Series Analysis, 3.2.4.
	a, b := 2*r*math.Cos(w), -r*r
	variance := (1 - b) / ((1 + b) * ((1-b)*(1-b) - a*a))
	return &rhythm{a: a, b: b, gain: 1 / math.Sqrt(variance)}
}

func (r *rhythm) next(rng *rand.Rand) float64 {
	y := r.a*r.y1 + r.b*r.y2 + r.gain*rng.NormFloat64()
	r.y1, r.y2 = y, r.y1
	return y
}

// recordEEG returns both channels, interleaved: slow waves, theta, alpha and sleep spindles, which the channels share
// in part, and noise of their own. Sleep deepens and lightens from window to window.
func recordEEG(rng *rand.Rand, p sleeper) []float32 {
	delta, theta, alpha, spindle := newRhythm(1.3, 0.04), newRhythm(5, 0.06), newRhythm(10, 0.03), newRhythm(13, 0.02)
	series := make([]float32, 0, 2*recordingSeconds*eegRate)
	second := uniform(rng, 0.7, 0.95) // what the second channel has of the first
	depth, burst := 1.0, 0.0
	for i := range recordingSeconds * eegRate {
		if i%(windowSeconds*eegRate) == 0 {
			depth = uniform(rng, 0.7, 1.3)
		}
		if rng.IntN(10*eegRate) == 0 { // a spindle every ten seconds or so
			burst = 1
		}
		burst *= 0.98
		shared := p.delta*depth*delta.next(rng) + 8*theta.next(rng) + p.alpha/depth*alpha.next(rng) + 20*burst*spindle.next(rng)
		series = append(series,
			quantise(p.eegGain*(shared+4*rng.NormFloat64()), 4),
			quantise(p.eegGain*(second*shared+6*rng.NormFloat64()), 4))
	}
	return series
}
