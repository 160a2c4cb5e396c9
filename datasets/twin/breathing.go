package twin

import (
	"math"
	"math/rand/v2"
)

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
