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

// breath is the state of breathing at one time step.
type breath struct {
	phase    float64 // of the cycle, in radians
	air      float64 // amplitude of the airflow: 1 in quiet breathing, 0 in an apnea, more just after it
	effort   float64 // amplitude of the movement of thorax and abdomen
	opposite float64 // how far the abdomen moves against the thorax, 0 to 1, as it does when the throat is closed
}

// apnea is a pause in breathing. In a central one all effort stops; in an obstructive one thorax and abdomen work
// against the closed throat.
type apnea struct {
	from, to float64 // seconds
	central  bool
}

// newApneas draws at most one apnea of 10 to 20 s in each window.
func newApneas(rng *rand.Rand, p sleeper) []apnea {
	var list []apnea
	for start := 0.0; start < recordingSeconds; start += windowSeconds {
		if rng.Float64() >= p.apnea {
			continue
		}
		from := start + uniform(rng, 0, 5)
		list = append(list, apnea{from, from + uniform(rng, 10, 20), rng.Float64() < 0.3})
	}
	return list
}

// recovery is the time in seconds of deep breaths and a fast heart after an apnea.
const recovery = 6.0

// newBreathing returns the course of breathing, breathingRate steps a second.
func newBreathing(rng *rand.Rand, p sleeper) []breath {
	steps := make([]breath, recordingSeconds*breathingRate)
	apneas := newApneas(rng, p)
	now := breath{phase: uniform(rng, 0, 2*math.Pi), air: 1, effort: 1}
	drift := 0.0 // slow changes of the rate
	for i := range steps {
		goal := breathGoal(apneas, float64(i)/breathingRate)
		ease := func(v *float64, goal float64) { *v += 0.2 * (goal - *v) }
		ease(&now.air, goal.air)
		ease(&now.effort, goal.effort)
		ease(&now.opposite, goal.opposite)
		drift = 0.98*drift + 0.02*rng.NormFloat64()
		now.phase += 2 * math.Pi * p.breaths * (1 + drift) / breathingRate
		steps[i] = now
	}
	return steps
}

// breathGoal is what breathing tends to at a time in seconds.
func breathGoal(apneas []apnea, t float64) breath {
	goal := breath{air: 1, effort: 1}
	for _, a := range apneas {
		switch {
		case t >= a.from && t < a.to && a.central:
			goal = breath{air: 0, effort: 0.05}
		case t >= a.from && t < a.to:
			goal = breath{air: 0, effort: 0.7, opposite: 1}
		case t >= a.to && t < a.to+recovery:
			goal = breath{air: 1.5, effort: 1.4}
		}
	}
	return goal
}

// recordBreathing returns airflow, thorax and abdomen, interleaved.
func recordBreathing(rng *rand.Rand, p sleeper, steps []breath) []float32 {
	series := make([]float32, 0, 3*len(steps))
	lag := uniform(rng, 0.1, 0.6) // of the abdomen in quiet breathing, in radians
	for _, s := range steps {
		flow := s.air * math.Cos(s.phase)
		thorax := s.effort * math.Sin(s.phase)
		abdomen := s.effort * (1 - 2*s.opposite) * math.Sin(s.phase-lag)
		for _, v := range [3]float64{flow, thorax, abdomen} {
			series = append(series, quantise(0.3*p.breathGain*v+0.03*rng.NormFloat64(), 256))
		}
	}
	return series
}

// waves are the P, Q, R, S and T waves of a heartbeat: bells of a width in seconds and a height in mV, at a time in
// seconds from the R wave.
var waves = []struct{ at, width, height float64 }{
	{-0.16, 0.020, 0.12}, {-0.03, 0.009, -0.12}, {0, 0.011, 1}, {0.03, 0.010, -0.22}, {0.24, 0.040, 0.28},
}

// beats returns the times of the heartbeats in seconds. Breathing in shortens the interval, an apnea lengthens it and
// the breaths after it shorten it; an early beat is followed by a pause.
func beats(rng *rand.Rand, p sleeper, steps []breath) []float64 {
	var times []float64
	pause := 1.0
	for t := uniform(rng, 0, 1); t < recordingSeconds; {
		times = append(times, t)
		now := steps[int(t*breathingRate)]
		interval := 60 / p.heartRate * (1 - p.sinus*now.air*math.Sin(now.phase)) * (1 + 0.01*rng.NormFloat64())
		interval *= 1 + 0.12*(1-now.air) // air is above 1 after an apnea
		early := pause == 1 && rng.Float64() < p.ectopic
		t += interval * pause
		pause = 1
		if early {
			t -= 0.35 * interval
			pause = 1.35
		}
	}
	return times
}

// recordECG returns the electrocardiogram.
func recordECG(rng *rand.Rand, p sleeper, steps []breath) []float32 {
	mV := make([]float64, recordingSeconds*ecgRate)
	for _, t := range beats(rng, p, steps) {
		for _, w := range waves {
			addBell(mV, t+w.at, w.width, p.ecgGain*w.height)
		}
	}
	series := make([]float32, len(mV))
	for i, v := range mV {
		sway := 0.05 * steps[i*breathingRate/ecgRate].effort * math.Sin(steps[i*breathingRate/ecgRate].phase)
		series[i] = quantise(v+sway+0.03*rng.NormFloat64(), 256)
	}
	return series
}

// addBell adds a Gaussian bell about a time in seconds, as far as it is not negligible and inside the recording.
func addBell(mV []float64, at, width, height float64) {
	from, to := int((at-4*width)*ecgRate), int((at+4*width)*ecgRate)+1
	for i := max(0, from); i <= min(len(mV)-1, to); i++ {
		d := (float64(i)/ecgRate - at) / width
		mV[i] += height * math.Exp(-d*d/2)
	}
}

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
		shared := p.delta*depth*delta.next(rng) + 8*theta.next(rng) + p.alpha/depth*alpha.next(rng) +
			20*burst*spindle.next(rng)
		series = append(series,
			quantise(p.eegGain*(shared+4*rng.NormFloat64()), 4),
			quantise(p.eegGain*(second*shared+6*rng.NormFloat64()), 4))
	}
	return series
}
