package analysis

import (
	"math"
	"slices"
	"strings"
	"testing"
)

var kdeLabels = []float64{8, 0.5, 1, 1, 2.25, 3, 3.5, 7, 8, 20}

// The values are those of scikit-learn 1.9.1, KernelDensity(bandwidth=1.5); SciPy 1.10's gaussian_kde agrees for the
// gaussian kernel.
func TestKDE(t *testing.T) {
	at := []float64{-1, 0.9, 3.1, 7.5, 12.2, 20}
	for kernel, want := range map[DensityKernel][]float64{
		GaussianKernel: {0.04159810730634936, 0.11239097779255545, 0.10190206218327971, 0.07659495919869487,
			0.001120772654783186, 0.026596152026762843},
		EpanechnikovKernel: {0, 0.1555, 0.13016666666666665, 0.13333333333333328, 0, 0.05},
		UniformKernel:      {0, 0.13333333333333328, 0.1, 0.1, 0, 0.03333333333333333},
	} {
		k, err := NewKDE(kdeLabels, kernel, 1.5)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range at {
			if got := k.At(x); math.Abs(got-want[i]) > 1e-12 {
				t.Errorf("%s at %v: %v, want %v", kernel, x, got, want[i])
			}
		}
	}
}

// NumPy 1.24: 0.9 min(std(ddof=1), iqr/1.34) n^-0.2 with its linear percentiles.
func TestSilverman(t *testing.T) {
	const want = 2.7280665034194924
	if got := Silverman(slices.Sorted(slices.Values(kdeLabels))); math.Abs(got-want) > 1e-12 {
		t.Errorf("bandwidth %v, want %v", got, want)
	}
	// Quartiles that are the same leave the standard deviation: 2 over five labels.
	if got, want := Silverman([]float64{1, 1, 1, 1, 1 + 2*math.Sqrt(5)}),
		0.9*2*math.Pow(5, -0.2); math.Abs(got-want) > 1e-12 {
		t.Errorf("bandwidth %v, want %v", got, want)
	}
	gaussian, _ := NewKDE(kdeLabels, GaussianKernel, 0)
	uniform, _ := NewKDE(kdeLabels, UniformKernel, 0)
	if math.Abs(gaussian.Bandwidth-want) > 1e-12 || math.Abs(uniform.Bandwidth-want*math.Sqrt(3)) > 1e-12 {
		t.Errorf("bandwidths %v and %v: their kernels' deviations are to be %v", gaussian.Bandwidth, uniform.Bandwidth, want)
	}
}

// A density is 1 in all.
func TestKDEPoints(t *testing.T) {
	for kernel := range kernelShapes {
		k, err := NewKDE(kdeLabels, kernel, 0)
		if err != nil {
			t.Fatal(err)
		}
		points := k.Points(20001)
		sum := 0.0
		for i := 1; i < len(points); i++ {
			sum += (points[i].Label - points[i-1].Label) * (points[i].Density + points[i-1].Density) / 2
		}
		if math.Abs(sum-1) > 2e-3 {
			t.Errorf("%s: the density adds up to %v", kernel, sum)
		}
	}
}

func TestKDERefuses(t *testing.T) {
	for want, err := range map[string]error{
		`kernel "tophat"`: second(NewKDE(kdeLabels, "tophat", 1)),
		"no labels":       second(NewKDE(nil, GaussianKernel, 1)),
		"the same":        second(NewKDE([]float64{3, 3}, GaussianKernel, 0)),
		"bandwidth -1":    second(NewKDE(kdeLabels, GaussianKernel, -1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func second(_ KDE, err error) error { return err }
