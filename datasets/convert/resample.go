package convert

import "math"

// resample changes the rate of a signal by up/down, which must have no common factor: a polyphase low-pass filter, the
// windowed sinc with a Kaiser window of beta 5 and ten zero crossings a side that scipy.signal.resample_poly takes by
// default. The signal is taken as 0 beyond its ends; the result has ceil(len(x)·up/down) samples. An equal rate leaves
// the signal untouched.
func resample(x []float64, up, down int) []float64 {
	if up == down {
		return x
	}
	half := 10 * max(up, down)
	phases := polyphase(lowPass(half, max(up, down)), up)
	y := make([]float64, (len(x)*up+down-1)/down)
	for m := range y {
		at := m*down + half // position in the upsampled signal, behind the filter's centre
		taps, newest := phases[at%up], at/up
		// Tap i meets x[newest-i].
		first, last := max(0, newest-len(x)+1), min(len(taps)-1, newest)
		sum := 0.0
		for i := first; i <= last; i++ {
			sum += taps[i] * x[newest-i]
		}
		y[m] = sum
	}
	return y
}

// polyphase divides a filter by the positions of its taps modulo up, and makes up for the zeros between samples.
func polyphase(filter []float64, up int) [][]float64 {
	phases := make([][]float64, up)
	for i, tap := range filter {
		phases[i%up] = append(phases[i%up], tap*float64(up))
	}
	return phases
}

// lowPass is a windowed-sinc filter of 2·half+1 taps that add up to 1, with the cutoff at 1/divisor of the Nyquist
// frequency.
func lowPass(half, divisor int) []float64 {
	const beta = 5
	taps := make([]float64, 2*half+1)
	sum := 0.0
	for i := range taps {
		x := float64(i-half) / float64(divisor)
		edge := float64(i-half) / float64(half)
		taps[i] = sinc(x) * besselI0(beta*math.Sqrt(1-edge*edge))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// besselI0 is the modified Bessel function of the first kind of order 0, by its power series (Abramowitz and Stegun
// 9.6.12), which converges fast for the arguments of a window.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1; term > 1e-17*sum; k++ {
		term *= x * x / 4 / float64(k*k)
		sum += term
	}
	return sum
}
