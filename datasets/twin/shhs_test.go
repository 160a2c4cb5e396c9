package twin

import (
	"math"
	"slices"
	"testing"

	"github.com/dirbench/dirbench/datasets"
)

// rPeaks returns the times in seconds at which the R waves of an ECG begin: upward passes of 0.6 of the maximum.
func rPeaks(ecg []float32) []float64 {
	level := 0.6 * slices.Max(ecg)
	var times []float64
	for i := 1; i < len(ecg); i++ {
		if ecg[i-1] < level && ecg[i] >= level && (len(times) == 0 || float64(i)/ecgRate-times[len(times)-1] > 0.2) {
			times = append(times, float64(i)/ecgRate)
		}
	}
	return times
}

// deviation returns the standard deviation of every stride-th value from the first on.
func deviation(series []float32, first, stride int) float64 {
	n, mean, square := 0.0, 0.0, 0.0
	for i := first; i < len(series); i += stride {
		v := float64(series[i])
		n, mean, square = n+1, mean+v, square+v*v
	}
	return math.Sqrt(square/n - mean*mean/n/n)
}

// slowness is large for an EEG of slow waves: the logarithm of the deviation over that of its differences.
func slowness(eeg []float32) float64 {
	differences := make([]float32, 0, len(eeg)/2)
	for i := 2; i < len(eeg); i += 2 {
		differences = append(differences, eeg[i]-eeg[i-2])
	}
	return math.Log(deviation(eeg, 0, 2) / deviation(differences, 0, 1))
}

// pauses is the share of 2.5-second stretches without airflow.
func pauses(breathing []float32) float64 {
	whole, still, n := deviation(breathing, 0, 3), 0.0, 0.0
	const stretch = 20 * 3
	for at := 0; at+stretch <= len(breathing); at += stretch {
		if n++; deviation(breathing[at:at+stretch], 0, 3) < 0.3*whole {
			still++
		}
	}
	return still / n
}

// healthFeatures are heart rate, slowness of the EEG, pauses in breathing and breaths.
func healthFeatures(signals [][]float32) []float64 {
	crossings := 0.0
	for i := 4; i < len(signals[2]); i += 3 {
		if (signals[2][i] > 0) != (signals[2][i-3] > 0) {
			crossings++
		}
	}
	return []float64{float64(len(rPeaks(signals[1]))), slowness(signals[0]), pauses(signals[2]), crossings}
}

// TestHealthFromSignals fits the score by cheap features: together they tell it better than any alone, and few-shot
// scores are harder for a plain loss.
func TestHealthFromSignals(t *testing.T) {
	features, scores := map[datasets.Split][][]float64{}, map[datasets.Split][]float64{}
	err := Generate("shhs", Options{}, func(split datasets.Split, s datasets.Sample) error {
		features[split] = append(features[split], healthFeatures(s.Signals))
		scores[split] = append(scores[split], float64(s.Label))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	middle := median(scores[datasets.Train])
	guess := meanError(scores[datasets.Test], func(int) float64 { return middle })
	alone := math.Inf(1)
	for k := range features[datasets.Train][0] {
		alone = min(alone, linearError(t, features, scores, func(x []float64) []float64 { return x[k : k+1] }))
	}
	together := linearError(t, features, scores, func(x []float64) []float64 { return x })
	t.Logf("test MAE %.1f points, of the best feature alone %.1f, of the median %.1f", together, alone, guess)
	if together > 0.5*guess || together > 0.9*alone || together < 2 {
		t.Errorf("test MAE %.1f points, of the best feature alone %.1f, of the median %.1f", together, alone, guess)
	}
}

func meanError(labels []float64, predict func(i int) float64) float64 {
	total := 0.0
	for i, y := range labels {
		total += math.Abs(predict(i) - y)
	}
	return total / float64(len(labels))
}

// linearError is the test error of a linear fit of the training labels by the chosen features.
func linearError(t *testing.T, features map[datasets.Split][][]float64, labels map[datasets.Split][]float64,
	choose func([]float64) []float64) float64 {
	t.Helper()
	var chosen [][]float64
	for _, x := range features[datasets.Train] {
		chosen = append(chosen, choose(x))
	}
	predict := linear(t, chosen, labels[datasets.Train])
	return meanError(labels[datasets.Test], func(i int) float64 { return predict(choose(features[datasets.Test][i])) })
}

// TestSignalsFollowScore checks that each cue moves with the score on average.
func TestSignalsFollowScore(t *testing.T) {
	means := func(score float64) [5]float64 {
		var mean [5]float64
		for i := range 40 {
			signals := record(datasets.Stream(uint64(i), "test"), score)
			x := healthFeatures(signals)
			for k, v := range [5]float64{-x[0], x[1], -x[2], -x[3], deviation(signals[0], 0, 2)} {
				mean[k] += v / 40
			}
		}
		return mean
	}
	ill, middling, well := means(15), means(50), means(90)
	for k := range ill {
		if !(ill[k] < middling[k] && middling[k] < well[k]) {
			t.Errorf("cue %d: %.3f at a score of 15, %.3f at 50, %.3f at 90", k, ill[k], middling[k], well[k])
		}
	}
}

// TestRhythm checks frequency and variance of a band of the EEG: its zero crossings and its deviation of 1.
func TestRhythm(t *testing.T) {
	rng := datasets.Stream(1, "test")
	for _, frequency := range []float64{1.3, 5, 10, 13} {
		r := newRhythm(frequency, 0.03)
		const seconds = 2000
		series := make([]float32, seconds*eegRate)
		crossings := 0.0
		for i := range series {
			series[i] = float32(r.next(rng))
			if i > 0 && (series[i] > 0) != (series[i-1] > 0) {
				crossings++
			}
		}
		if d := deviation(series, 0, 1); d < 0.93 || d > 1.07 {
			t.Errorf("%g Hz: standard deviation %.3f, want 1", frequency, d)
		}
		if got := crossings / 2 / seconds; math.Abs(got-frequency) > 0.1*frequency+0.3 {
			t.Errorf("%g Hz: %.2f cycles a second", frequency, got)
		}
	}
}

// TestApnea checks the picture of an obstructive apnea: no airflow, thorax and abdomen against each other.
func TestApnea(t *testing.T) {
	quiet, closed := breathGoal(nil, 5), breathGoal([]apnea{{0, 10, false}}, 5)
	central, after := breathGoal([]apnea{{0, 10, true}}, 5), breathGoal([]apnea{{0, 10, true}}, 12)
	if quiet.air != 1 || closed.air != 0 || central.air != 0 || after.air <= 1 {
		t.Errorf("airflow %v, obstructive %v, central %v, recovering %v", quiet.air, closed.air, central.air, after.air)
	}
	if closed.opposite != 1 || closed.effort < 0.5 || central.effort > 0.1 {
		t.Errorf("effort %v, opposite %v; central effort %v", closed.effort, closed.opposite, central.effort)
	}
}
