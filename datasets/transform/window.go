package transform

import "math"

// window is the part of a line that one value of the resized line is the weighted sum of. Weights are whole numbers that add up to
// 1 << weightBits.
type window struct {
	first   int
	weights []packed
}

// bilinear returns the windows for each of to values in a line of from values: a triangle around the value's centre, one
// step of the source wide on either side, or one of the result where that is larger.
func bilinear(from, to int) []window {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	line := make([]window, to)
	var weights []float64
	for i := range line {
		centre := (float64(i) + 0.5) * scale
		first, end := max(0, int(centre-reach+0.5)), min(from, int(centre+reach+0.5))
		weights = weights[:0]
		for j := first; j < end; j++ {
			weights = append(weights, max(0, 1-math.Abs((float64(j)-centre+0.5)/reach)))
		}
		line[i] = newWindow(first, weights)
	}
	return line
}

// lastWindows keeps the last result of bilinear, since many images are of one size.
type lastWindows struct {
	from, to int
	windows  []window
}

func (l *lastWindows) resizing(from, to int) []window {
	if l.from != from || l.to != to {
		*l = lastWindows{from, to, bilinear(from, to)}
	}
	return l.windows
}

// newWindow makes whole numbers of weights. Each takes over what the rounding of those before it has left, so that they add up.
func newWindow(first int, weights []float64) window {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	whole, sum, done := make([]packed, len(weights)), 0.0, 0
	for i, w := range weights {
		sum += w
		next := int(math.Round(sum / total * (1 << weightBits)))
		whole[i], done = packed(next-done), next
	}
	for whole[0] == 0 {
		first, whole = first+1, whole[1:]
	}
	for whole[len(whole)-1] == 0 {
		whole = whole[:len(whole)-1]
	}
	return window{first, whole}
}
