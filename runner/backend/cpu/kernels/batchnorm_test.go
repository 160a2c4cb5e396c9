package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestBatchNorm compares with the definition in float64, also where values are large beside their spread.
func TestBatchNorm(t *testing.T) {
	const epsilon = 1e-5
	for _, shape := range [][2]int{{2, 1}, {7, 3}, {600, 8}, {1000, 20}, {5000, 16}} {
		rows, channels := shape[0], shape[1]
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			x, dy, scale, offset := noise(rows*channels, 1), noise(rows*channels, 2), noise(channels, 3), noise(channels, 4)
			for i := range x {
				x[i] += 10
			}
			mean, variance := columns(x, channels)
			y, dx := make([]float64, len(x)), make([]float64, len(x))
			dScale, dOffset := make([]float64, channels), make([]float64, channels)
			for i, v := range x {
				c := i % channels
				normal := (float64(v) - mean[c]) / math.Sqrt(variance[c]+epsilon)
				y[i] = normal*float64(scale[c]) + float64(offset[c])
				dScale[c] += float64(dy[i]) * normal
				dOffset[c] += float64(dy[i])
			}
			for i, v := range x {
				c := i % channels
				inverse := 1 / math.Sqrt(variance[c]+epsilon)
				normal := (float64(v) - mean[c]) * inverse
				dx[i] = float64(scale[c]) * inverse * (float64(dy[i]) - dOffset[c]/float64(rows) - normal*dScale[c]/float64(rows))
			}
			gotY, gotMean, gotVar := noise(len(x), 5), noise(channels, 6), noise(channels, 7)
			BatchNorm(gotY, gotMean, gotVar, x, scale, offset, epsilon)
			compare(t, "mean", gotMean, mean)
			compare(t, "variance", gotVar, variance)
			compare(t, "y", gotY, y)
			gotX, gotScale, gotOffset := noise(len(x), 8), noise(channels, 9), noise(channels, 10)
			BatchNormGradient(gotX, gotScale, gotOffset, x, dy, scale, gotMean, gotVar, epsilon)
			compare(t, "dScale", gotScale, dScale)
			compare(t, "dOffset", gotOffset, dOffset)
			compare(t, "dx", gotX, dx)
		})
	}
}

func columns(x []float32, channels int) (mean, variance []float64) {
	mean, variance = make([]float64, channels), make([]float64, channels)
	count := float64(len(x) / channels)
	for i, v := range x {
		mean[i%channels] += float64(v) / count
	}
	for i, v := range x {
		d := float64(v) - mean[i%channels]
		variance[i%channels] += d * d / count
	}
	return mean, variance
}

func BenchmarkBatchNorm(b *testing.B) {
	x, y, v := noise(1<<20, 1), noise(1<<20, 2), noise(16, 3)
	mean, variance := make([]float32, 16), make([]float32, 16)
	b.Run("forward", func(b *testing.B) {
		for range b.N {
			BatchNorm(y, mean, variance, x, v, v, 1e-5)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		dx := make([]float32, 1<<20)
		for range b.N {
			BatchNormGradient(dx, make([]float32, 16), make([]float32, 16), x, y, v, mean, variance, 1e-5)
		}
	})
}
