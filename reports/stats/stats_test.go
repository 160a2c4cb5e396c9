package stats

import (
	"math"
	"slices"
	"testing"
)

// near compares with a relative tolerance; NaN is near NaN.
func near(a, b, tol float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || a == b || math.Abs(a-b) <= tol*math.Abs(b)
}

var nan = math.NaN()

// The intervals are those of SciPy 1.10: t.interval, and bootstrap(method="BCa") with a million resamples.
func TestIntervals(t *testing.T) {
	few, skewed := []float64{7.1, 7.4, 6.9, 7.2, 7.75}, []float64{1, 1.2, 1.1, 1.5, 2, 9, 1.3, 1.7}
	tests := []struct {
		name  string
		got   Interval
		want  Interval
		scale float64 // tolerance
	}{
		{"t", MeanT(few, 0.95), Interval{6.868613987384343, 7.671386012615654}, 1e-9},
		{"t, 99 %", MeanT(few, 0.99), Interval{6.6043937257458705, 7.935606274254127}, 1e-9},
		{"t, two values", MeanT([]float64{1, 3}, 0.95), Interval{2 - 12.706204736432095, 2 + 12.706204736432095}, 1e-9},
		{"t, one value", MeanT([]float64{1}, 0.95), undefined, 0},
		{"t, none", MeanT(nil, 0.95), undefined, 0},
		{"t, constant whose mean is rounded", MeanT([]float64{0.1, 0.1, 0.1}, 0.95), undefined, 0},
		{"BCa", MeanBCa(few, 0.95, Resamples), Interval{7.04, 7.55}, 0.005},
		{"BCa, skewed", MeanBCa(skewed, 0.95, Resamples), Interval{1.3125, 5.375}, 0.02},
		{"BCa, skewed, 80 %", MeanBCa(skewed, 0.8, Resamples), Interval{1.4125, 4.275}, 0.02},
		{"BCa, two values", MeanBCa([]float64{1, 3}, 0.95, Resamples), undefined, 0},
		{"BCa, constant", MeanBCa([]float64{0.1, 0.1, 0.1}, 0.95, Resamples), undefined, 0},
		{"BCa, one resample", MeanBCa(few, 0.95, 1), undefined, 0},
	}
	for _, tt := range tests {
		if !near(tt.got.Low, tt.want.Low, tt.scale) || !near(tt.got.High, tt.want.High, tt.scale) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if MeanBCa(skewed, 0.95, Resamples) != MeanBCa(skewed, 0.95, Resamples) {
		t.Error("the bootstrap depends on chance")
	}
}

// The values are those of SciPy's ttest_rel.
func TestPairedT(t *testing.T) {
	tests := []struct {
		name          string
		x, y          []float64
		n             int
		difference, p float64
		Interval
	}{
		{"worse", []float64{7.9, 7.8, 7.7, 7.6}, []float64{7.1, 7.4, 6.9, 7.2}, 4, 0.6, 0.013846832988859125,
			Interval{0.2325227537925193, 0.9674772462074804}},
		{"better", []float64{7.1, 7.4, 6.9, 7.2}, []float64{7.9, 7.8, 7.7, 7.6}, 4, -0.6, 0.013846832988859125,
			Interval{-0.9674772462074804, -0.2325227537925193}},
		{"constant but for rounding", []float64{5.5, 6.3, 7.1}, []float64{5, 5.8, 6.6}, 3, 0.5, nan, undefined},
		{"equal", []float64{5.5, 6.3}, []float64{5.5, 6.3}, 2, 0, nan, undefined},
		{"one pair", []float64{2}, []float64{1}, 1, 1, nan, undefined},
		{"none", nil, nil, 0, nan, nan, undefined},
	}
	for _, tt := range tests {
		got := PairedT(tt.x, tt.y, 0.95)
		if got.N != tt.n || !near(got.Difference, tt.difference, 1e-12) || !near(got.P(), tt.p, 1e-12) ||
			!near(got.Low, tt.Low, 1e-12) || !near(got.High, tt.High, 1e-12) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt)
		}
	}
}

// Without ties the values are those of SciPy's wilcoxon; with them, the 64 sign patterns were counted one by one.
func TestWilcoxon(t *testing.T) {
	long := []float64{4.9, -0.1, -2.8, 2.9, 4.1, -1.9, -1.6, 4.3, 2.5, -2.9, 0.3, 4.9, 0.5, -3.0, 2.3, 4.4, -1.4, -2.0,
		4.0, 3.0, -2.7, -0.3, 4.8, 1.1, -3.1, 1.8, 4.7, -0.9, -2.4, 3.6}
	tests := []struct {
		name string
		x, y []float64
		want SignedRank
	}{
		{"exact", []float64{1.1, 2.7, 3.9, 5.2, 4.4, 6.3, 7.7}, []float64{1.5, 2.5, 4.8, 5.9, 5.5, 7.6, 7.4},
			SignedRank{7, 3, 0.078125}},
		{"ties and zeros", []float64{1, 1, -2, 3, 3, 4, 0, 0}, make([]float64, 8), SignedRank{6, 18, 0.15625}},
		{"as small as can be", []float64{2, 3, 4, 5, 6}, []float64{1, 1, 1, 1, 1}, SignedRank{5, 15, 0.0625}},
		{"constant", []float64{5.5, 6.3, 7.1}, []float64{5, 5.8, 6.6}, SignedRank{3, 6, 0.25}},
		{"balanced", []float64{1, -1}, []float64{0, 0}, SignedRank{2, 1.5, 1}},
		{"equal", []float64{1, 2}, []float64{1, 2}, SignedRank{0, 0, nan}},
		{"approximated", long, make([]float64, 30), SignedRank{30, 318.5, 0.07688314505699391}},
	}
	for _, tt := range tests {
		got := Wilcoxon(tt.x, tt.y)
		if got.N != tt.want.N || got.W != tt.want.W || !near(got.P, tt.want.P, 1e-12) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	for n, want := range map[int]float64{0: 1, 1: 1, 3: 0.25, 5: 0.0625, 6: 0.03125} {
		if got := MinP(n); got != want {
			t.Errorf("MinP(%d) = %g, want %g", n, got, want)
		}
	}
}

// The example is that of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
func TestHolm(t *testing.T) {
	tests := []struct{ p, want []float64 }{
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.01, 0.04, 0.03, 0.005, 0.9}, []float64{0.04, 0.09, 0.09, 0.025, 0.9}},
		{[]float64{nan, 0.04, nan, 0.03}, []float64{nan, 0.06, nan, 0.06}},
		{[]float64{0.7, 0.6}, []float64{1, 1}},
		{nil, nil},
	}
	for _, tt := range tests {
		got := Holm(tt.p)
		if !slices.EqualFunc(got, tt.want, func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("Holm(%v) = %v, want %v", tt.p, got, tt.want)
		}
	}
}

// The values are those of SciPy's friedmanchisquare and f.sf; the permutation p is that of all 24^4 shuffles of the
// ranks.
func TestFriedman(t *testing.T) {
	blocks := [][]float64{{9, 9.5, 5, 8.5}, {6.5, 9.1, 6, 7}, {8, 8.8, 7, 7.5}, {9.2, 9.0, 4, 9.0}, {7.7, 9.9, 8.1, 6.6}}
	got := Friedman(blocks, Shuffles)
	if !near(got.ChiSquare, 8.877551020408166, 1e-12) || !near(got.F, 5.800000000000005, 1e-12) ||
		!near(got.PF, 0.010925730158849262, 1e-9) {
		t.Errorf("%+v, want a chi square of 8.87755, F 5.8, p 0.0109257", got)
	}
	if math.Abs(got.PPermutation-0.02125530478395062) > 0.002 { // four standard deviations of the shuffles
		t.Errorf("permutation p %g, want 0.0213", got.PPermutation)
	}
	for i, want := range []float64{2.8, 3.7, 1.4, 2.1} {
		if !near(got.MeanRanks[i], want, 1e-12) {
			t.Errorf("mean ranks %v, want 2.8 3.7 1.4 2.1", got.MeanRanks)
		}
	}
	same := [][]float64{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}}
	if got := Friedman(same, Shuffles); !math.IsInf(got.F, 1) || got.PF != 0 ||
		math.Abs(got.PPermutation-1.0/36) > 0.0025 {
		t.Errorf("blocks that agree: %+v, want F infinite, p 0 and 1/36", got)
	}
	if got := Friedman([][]float64{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}}, 100); got.F != 0 || got.PF != 1 ||
		got.PPermutation != 1 {
		t.Errorf("blocks that cancel out: %+v, want F 0, p 1 and 1", got)
	}
	if got := Friedman([][]float64{{1, 1}, {2, 2}}, 100); !math.IsNaN(got.ChiSquare) || !math.IsNaN(got.PF) ||
		!math.IsNaN(got.PPermutation) {
		t.Errorf("ties alone: %+v, want no test", got)
	}
}

// Demšar (2006), table 5a, and SciPy's studentized_range.ppf with infinite degrees of freedom.
func TestNemenyi(t *testing.T) {
	for i, want := range []float64{1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164} {
		if got := StudentizedRange(0.95, i+2) / math.Sqrt2; math.Abs(got-want) > 0.00101 {
			t.Errorf("q for %d: %.4f, want %.3f", i+2, got, want)
		}
	}
	for _, tt := range []struct {
		p    float64
		k    int
		want float64
	}{{0.95, 2, 1.9599639845400534 * math.Sqrt2}, {0.95, 10, 3.163683577053373 * math.Sqrt2}, {0.9, 8, 3.9313491004685965},
		{0.99, 20, 5.6452146979858515}} {
		if got := StudentizedRange(tt.p, tt.k); !near(got, tt.want, 1e-9) {
			t.Errorf("quantile %g of %d: %.12g, want %.12g", tt.p, tt.k, got, tt.want)
		}
	}
	// The example of Demšar's section 3.2.2: four classifiers on 14 data sets.
	if got := CriticalDifference(4, 14, 0.05); math.Abs(got-1.25) > 0.005 {
		t.Errorf("critical difference %g, want 1.25", got)
	}
}

func TestCliques(t *testing.T) {
	tests := []struct {
		ranks      []float64
		difference float64
		want       []Clique
	}{
		{[]float64{1.2, 2, 3, 3.8}, 1.5, []Clique{{0, 1}, {1, 2}, {2, 3}}},
		{[]float64{1.2, 2, 2.5, 3.8}, 1.5, []Clique{{0, 2}, {2, 3}}},
		{[]float64{1, 2, 3}, 5, []Clique{{0, 2}}},
		{[]float64{1, 2, 3}, 1, nil},
	}
	for _, tt := range tests {
		if got := Cliques(tt.ranks, tt.difference); !slices.Equal(got, tt.want) {
			t.Errorf("%v, %g: %v, want %v", tt.ranks, tt.difference, got, tt.want)
		}
	}
}
