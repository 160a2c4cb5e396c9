package twin

import (
	"math"
	"math/rand/v2"
)

// sleeper is a person asleep. What the score decides follows a health of its own, off the true score by some points, so
// that no single signal tells the score.
type sleeper struct {
	heartRate float64 // beats a minute: lower in good health
	sinus     float64 // share by which breathing speeds and slows the heart: larger
	ectopic   float64 // chance that a beat comes early: smaller
	delta     float64 // amplitude of the slow waves of deep sleep in uV: larger
	alpha     float64 // amplitude of the waking rhythm in uV: smaller
	breaths   float64 // a second: fewer
	apnea     float64 // chance that breathing stops in a window of 30 s: smaller

	eegGain, ecgGain, breathGain float64 // of electrodes and belts; they tell nothing
}

// healthSpread is the standard deviation in points of a cue's score about the true one.
const healthSpread = 11.0

func newSleeper(rng *rand.Rand, score float64) sleeper {
	cue := func(ill, well float64) float64 {
		health := max(0, min(1, (score+healthSpread*rng.NormFloat64())/100))
		return ill + health*(well-ill)
	}
	gain := func() float64 { return math.Exp(0.15 * rng.NormFloat64()) }
	return sleeper{
		heartRate: cue(94, 52),
		sinus:     cue(0.01, 0.11),
		ectopic:   cue(0.08, 0),
		delta:     cue(5, 60),
		alpha:     cue(26, 5),
		breaths:   cue(0.36, 0.19),
		apnea:     cue(1, 0),
		eegGain:   gain(), ecgGain: gain(), breathGain: gain(),
	}
}

// record returns a recording of a person of the given score, one series for each channel group. Values are multiples
// of a power of two, as a recorder's converter gives them, so that rounding in the last bit does not show.
func record(rng *rand.Rand, score float64) [][]float32 {
	p := newSleeper(rng, score)
	b := newBreathing(rng, p)
	return [][]float32{recordEEG(rng, p), recordECG(rng, p, b), recordBreathing(rng, p, b)}
}

// quantise rounds to a multiple of 1 / perUnit.
func quantise(v, perUnit float64) float32 { return float32(math.Round(v*perUnit) / perUnit) }
