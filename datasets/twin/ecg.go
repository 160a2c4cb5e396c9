package twin

import (
	"math"
	"math/rand/v2"
)

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
