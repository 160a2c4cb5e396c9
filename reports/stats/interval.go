// Package stats has the statistics of reports: intervals of a mean, paired tests, and ranks across benchmarks. Its
// functions are pure, and what is not defined is NaN: a spread of one value, a test of differences that are all the
// same.
package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Resamples is the usual number of bootstrap resamples.
const Resamples = 10_000

// Interval is a confidence interval; both ends are NaN where it is not defined.
type Interval struct{ Low, High float64 }

var undefined = Interval{math.NaN(), math.NaN()}

// MeanT returns Student's interval of the mean (Student, The Probable Error of a Mean, Biometrika 1908) at a level such
// as 0.95: mean ± t·s/√n with n-1 degrees of freedom. It is not defined for fewer than two values or without variance.
func MeanT(x []float64, level float64) Interval {
	if len(x) < 2 || constant(x) {
		return undefined
	}
	n := float64(len(x))
	mean, std := stat.MeanStdDev(x, nil)
	half := student(n-1).Quantile((1+level)/2) * std / math.Sqrt(n)
	return Interval{mean - half, mean + half}
}

func student(dof float64) distuv.StudentsT { return distuv.StudentsT{Sigma: 1, Nu: dof} }

// MeanBCa returns the bias-corrected and accelerated bootstrap interval of the mean (Efron, Better Bootstrap Confidence
// Intervals, JASA 1987), its acceleration from the jackknife. The resamples are the same for all samples of one size,
// so equal values have equal intervals. It is not defined for fewer than three values or without variance. Of a handful
// of values it covers the mean less often than its level says, as every bootstrap does.
func MeanBCa(x []float64, level float64, resamples int) Interval {
	if len(x) < 3 || constant(x) {
		return undefined
	}
	means := resampledMeans(x, resamples)
	bias := biasCorrection(means, stat.Mean(x, nil))
	if math.IsInf(bias, 0) {
		return undefined // too few resamples to have one on either side of the mean
	}
	a := acceleration(x)
	end := func(p float64) float64 {
		z := bias + distuv.UnitNormal.Quantile(p)
		return stat.Quantile(distuv.UnitNormal.CDF(bias+z/(1-a*z)), stat.LinInterp, means, nil)
	}
	return Interval{end((1 - level) / 2), end((1 + level) / 2)}
}

// resampledMeans returns the means of resamples with replacement, in ascending order.
func resampledMeans(x []float64, resamples int) []float64 {
	random := rand.New(rand.NewPCG(1987, uint64(len(x))))
	means := make([]float64, resamples)
	for i := range means {
		for range x {
			means[i] += x[random.IntN(len(x))]
		}
		means[i] /= float64(len(x))
	}
	slices.Sort(means)
	return means
}

// biasCorrection is Efron's z0: the normal quantile of the share of resamples below the mean, those equal to it up to
// rounding counted half: permutations of the sample are frequent.
func biasCorrection(means []float64, mean float64) float64 {
	below, _ := slices.BinarySearch(means, mean-rounding*math.Abs(mean))
	upTo, _ := slices.BinarySearch(means, mean+rounding*math.Abs(mean))
	return distuv.UnitNormal.Quantile(float64(below+upTo) / float64(2*len(means)))
}

// acceleration is Efron's a. The jackknife's influences of a mean are the deviations from it, but for a factor that
// cancels up to √n: a = Σd³ / (6·(Σd²)^(3/2)).
func acceleration(x []float64) float64 {
	mean := stat.Mean(x, nil)
	var squares, cubes float64
	for _, v := range x {
		d := v - mean
		squares += d * d
		cubes += d * d * d
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

// constant reports whether all values are the same. The standard deviation does not tell: that of a constant may be a
// rounding error.
func constant(x []float64) bool { return slices.Min(x) == slices.Max(x) }
