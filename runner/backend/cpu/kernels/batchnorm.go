package kernels

import "math"

// BatchNorm normalises x [rows, channels] over its rows: y = (x - mean)/sqrt(variance + epsilon) · scale + offset, with
// the mean and the biased variance of each channel, which it also returns (Ioffe and Szegedy 2015, "Batch
// Normalization", algorithm 1).
func BatchNorm(y, mean, variance, x, scale, offset []float32, epsilon float32) {
	moments(mean, variance, x)
	Normalize(y, x, mean, variance, scale, offset, epsilon)
}

// moments computes the mean and the biased variance of each channel. Deviations are summed up from the mean of their
// part, while it is in the cache, and the parts' sums are merged in float64 (Chan, Golub and LeVeque 1979, "Updating
// formulae and a pairwise algorithm for computing sample variances").
func moments(mean, variance, x []float32) {
	channels := len(mean)
	parts := partSums(len(x), channels, 2, func(sums []float32, from, to int) {
		sum, squares := sums[:channels], sums[channels:]
		center, share := make([]float32, channels), 1/float32((to-from)/channels)
		addRows(sum, x[from:to])
		for c := range center {
			center[c] = sum[c] * share
		}
		addSquares(squares, x[from:to], center)
	})
	rows := float64(len(x) / channels)
	total := make([]float64, channels)
	for i, v := range parts {
		if i%(2*channels) < channels {
			total[i%(2*channels)] += float64(v)
		}
	}
	squares := make([]float64, channels)
	for part := 0; part*2*channels < len(parts); part++ {
		sums, n := parts[part*2*channels:], float64(partRows(len(x), channels, part))
		for c := range squares {
			away := float64(sums[c])/n - total[c]/rows
			squares[c] += float64(sums[channels+c]) + n*away*away
		}
	}
	for c := range mean {
		mean[c], variance[c] = float32(total[c]/rows), float32(squares[c]/rows)
	}
}

// Normalize is BatchNorm with given statistics.
func Normalize(y, x, mean, variance, scale, offset []float32, epsilon float32) {
	factor := make([]float32, len(scale))
	for c := range factor {
		factor[c] = float32(float64(scale[c]) * inverseStd(variance[c], epsilon))
	}
	eachPart(len(x), len(scale), func(_, from, to int) { affineRows(y[from:to], x[from:to], mean, factor, offset) })
}

func inverseStd(variance, epsilon float32) float64 {
	return 1 / math.Sqrt(float64(variance)+float64(epsilon))
}

// BatchNormGradient returns the gradients of BatchNorm's x, scale and offset for a gradient dy of y (section 3 of the
// same paper).
func BatchNormGradient(dx, dScale, dOffset, x, dy, scale, mean, variance []float32, epsilon float32) {
	channels := len(scale)
	count := float64(len(x) / channels)
	total := columnSums(len(x), channels, 2, func(sums []float32, from, to int) {
		addProducts(sums[:channels], sums[channels:], dy[from:to], x[from:to], mean)
	})
	factor, slope, shift := make([]float32, channels), make([]float32, channels), make([]float32, channels)
	for c := range scale {
		inverse, sum, product := inverseStd(variance[c], epsilon), total[c], total[channels+c]
		dOffset[c], dScale[c] = float32(sum), float32(product*inverse)
		factor[c] = float32(float64(scale[c]) * inverse)
		slope[c] = float32(-float64(scale[c]) * inverse * inverse * inverse * product / count)
		shift[c] = float32(-float64(scale[c]) * inverse * sum / count)
	}
	eachPart(len(x), channels, func(_, from, to int) {
		combineRows(dx[from:to], dy[from:to], x[from:to], mean, factor, slope, shift)
	})
}

// partSize is about how many values are summed up in float32, and worked on at once.
const partSize = 4096

// eachPart calls f on all cores for parts of whole rows of n values.
func eachPart(n, channels int, f func(part, from, to int)) {
	size := max(1, partSize/channels) * channels
	inParallel((n+size-1)/size, func(part int) { f(part, part*size, min((part+1)*size, n)) })
}

// partRows is how many rows a part has.
func partRows(n, channels, part int) int {
	size := max(1, partSize/channels)
	return min(size, n/channels-part*size)
}

// partSums returns, part by part, the k sums for each channel that add computes of it.
func partSums(n, channels, k int, add func(sums []float32, from, to int)) []float32 {
	width := k * channels
	size := max(1, partSize/channels) * channels
	parts := make([]float32, (n+size-1)/size*width)
	eachPart(n, channels, func(part, from, to int) { add(parts[part*width:][:width], from, to) })
	return parts
}

// columnSums returns the k sums for each channel, those of the parts added in float64.
func columnSums(n, channels, k int, add func(sums []float32, from, to int)) []float64 {
	total := make([]float64, k*channels)
	for i, v := range partSums(n, channels, k, add) {
		total[i%len(total)] += float64(v)
	}
	return total
}
