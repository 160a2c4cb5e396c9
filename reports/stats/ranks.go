package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// Shuffles is the usual number of permutations of a Friedman test.
const Shuffles = 100_000

// FriedmanTest says whether k treatments differ in n blocks.
type FriedmanTest struct {
	MeanRanks    []float64 // of the treatments, 1 for the smallest values
	ChiSquare    float64   // Friedman's statistic, corrected for ties; NaN if every block is one tie
	F            float64   // of Iman and Davenport; infinite if all blocks agree
	PF           float64   // of F with k-1 and (k-1)(n-1) degrees of freedom
	PPermutation float64   // of ChiSquare among shuffled ranks
}

// Friedman ranks the treatments, at least two, within every block of one value for each (Friedman, The Use of Ranks to
// Avoid the Assumption of Normality, JASA 1937). The F of Iman and Davenport (Communications in Statistics 1980) is
// less conservative than the chi-squared test; both are approximations that need many blocks. For a few of them there
// is the permutation test: the ranks of every block are shuffled that many times, always by the same random numbers,
// and p is (1 + shuffles with at least the observed statistic) / (1 + shuffles), as Phipson and Smyth (2010) advise. It
// panics if a block has another length than the first.
func Friedman(blocks [][]float64, shuffles int) FriedmanTest {
	n, k := float64(len(blocks)), float64(len(blocks[0]))
	ranks := make([][]float64, len(blocks))
	squares := 0.0
	for i, b := range blocks {
		if len(b) != len(blocks[0]) {
			panic("stats: blocks of different length")
		}
		ranks[i] = metrics.Ranks(b)
		for _, r := range ranks[i] {
			squares += r * r
		}
	}
	sums := rankSums(ranks)
	test := FriedmanTest{ChiSquare: math.NaN(), F: math.NaN(), PF: math.NaN(), PPermutation: math.NaN()}
	for _, s := range sums {
		test.MeanRanks = append(test.MeanRanks, s/n)
	}
	// The variance of ranks with ties, Conover, Practical Nonparametric Statistics (1999), section 5.8.
	variance := squares - n*k*(k+1)*(k+1)/4
	if variance == 0 {
		return test
	}
	test.ChiSquare = (k - 1) * spread(sums) / variance
	test.F, test.PF = imanDavenport(test.ChiSquare, n, k)
	test.PPermutation = permutationP(ranks, spread(sums), shuffles)
	return test
}

func imanDavenport(chiSquare, n, k float64) (f, p float64) {
	rest := n*(k-1) - chiSquare
	switch {
	case rest < rounding*n*k:
		return math.Inf(1), 0
	case chiSquare == 0:
		return 0, 1
	}
	f = (n - 1) * chiSquare / rest
	// P(F > f) as that of 1/F below 1/f, with the degrees of freedom exchanged: 1-CDF has no digits left where p is tiny.
	return f, distuv.F{D1: (k - 1) * (n - 1), D2: k - 1}.CDF(1 / f)
}

func rankSums(ranks [][]float64) []float64 {
	sums := make([]float64, len(ranks[0]))
	for _, block := range ranks {
		for i, r := range block {
			sums[i] += r
		}
	}
	return sums
}

// spread is the sum of squared deviations from the mean: all that shuffled ranks change in Friedman's statistic.
func spread(sums []float64) float64 {
	mean := 0.0
	for _, s := range sums {
		mean += s / float64(len(sums))
	}
	total := 0.0
	for _, s := range sums {
		total += (s - mean) * (s - mean)
	}
	return total
}

func permutationP(ranks [][]float64, observed float64, shuffles int) float64 {
	random := rand.New(rand.NewPCG(1937, uint64(len(ranks))))
	shuffled := make([][]float64, len(ranks))
	for i, block := range ranks {
		shuffled[i] = slices.Clone(block)
	}
	atLeast := 1
	for range shuffles {
		for _, block := range shuffled {
			random.Shuffle(len(block), func(i, j int) { block[i], block[j] = block[j], block[i] })
		}
		if spread(rankSums(shuffled)) >= observed*(1-rounding) {
			atLeast++
		}
	}
	return float64(atLeast) / float64(shuffles+1)
}

// StudentizedRange returns the value below which the range of k normal numbers of variance 1 lies with probability p:
// the quantile of the studentized range with infinite degrees of freedom (Tukey 1949; Hartley, Biometrika 1942, for the
// integral).
func StudentizedRange(p float64, k int) float64 {
	low, high := 0.0, 1.0
	for rangeCDF(high, k) < p {
		high *= 2
	}
	for high-low > 1e-12*high {
		if middle := (low + high) / 2; rangeCDF(middle, k) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// rangeCDF is P(range ≤ q) = k ∫ φ(z) (Φ(z+q) - Φ(z))^(k-1) dz, z being the smallest of the k numbers.
func rangeCDF(q float64, k int) float64 {
	const end, points = 9, 200 // φ(9) < 1e-17
	normal := distuv.UnitNormal
	return float64(k) * quad.Fixed(func(z float64) float64 {
		return normal.Prob(z) * math.Pow(normal.CDF(z+q)-normal.CDF(z), float64(k-1))
	}, -end, end, points, nil, 0)
}

// CriticalDifference returns Nemenyi's: mean ranks of k treatments over n blocks that lie at least this far apart
// differ at level alpha (Nemenyi 1963; Demšar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR
// 2006, section 3.2.2).
func CriticalDifference(k, n int, alpha float64) float64 {
	q := StudentizedRange(1-alpha, k) / math.Sqrt2
	return q * math.Sqrt(float64(k*(k+1))/float64(6*n))
}

// Clique is a run of treatments, both ends included, by their places in ascending order of mean rank.
type Clique struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Cliques returns the largest groups of at least two treatments whose mean ranks, given in ascending order, lie less
// than the critical difference apart: the bars of Demšar's diagram.
func Cliques(meanRanks []float64, difference float64) []Clique {
	var cliques []Clique
	end := 0 // of the last clique
	for first := range meanRanks {
		last := first
		for last+1 < len(meanRanks) && meanRanks[last+1]-meanRanks[first] < difference {
			last++
		}
		if last > first && last > end {
			cliques = append(cliques, Clique{first, last})
			end = last
		}
	}
	return cliques
}
