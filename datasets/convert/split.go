package convert

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
)

// BalancedSplit divides samples by the rule of the official benchmarks: the samples of each label bin are shuffled, the
// first n = min(floor(N/3), limit) of its N go to val, the next n to test and the rest to train. A bin is one width of
// labels; width 1 is a whole year of age. The result is in the order of the labels, which must be finite. The shuffle
// depends on the seed and the bin only; it is not that of the official Python code, so an official split is to be taken
// from the official files.
func BalancedSplit(labels []float64, width float64, limit int, seed uint64) []datasets.Split {
	bins := map[float64][]int{}
	for i, label := range labels {
		bin := labelBin(label, width)
		bins[bin] = append(bins[bin], i)
	}
	splits := make([]datasets.Split, len(labels))
	for bin, members := range bins {
		rng := stream(seed, fmt.Sprintf("split of bin %g", bin))
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		n := min(len(members)/3, limit)
		for rank, i := range members {
			switch {
			case rank < n:
				splits[i] = datasets.Val
			case rank < 2*n:
				splits[i] = datasets.Test
			default:
				splits[i] = datasets.Train
			}
		}
	}
	return splits
}

// labelBin returns the number of the bin [k·width, (k+1)·width) that holds the label. Labels that are decimal numbers on
// a border, such as 0.3 for width 0.1, belong to the bin that begins there, whatever the rounding of the quotient.
func labelBin(label, width float64) float64 {
	quotient := label / width
	if nearest := math.Round(quotient); math.Abs(quotient-nearest) <= 1e-9*math.Max(1, math.Abs(quotient)) {
		return nearest + 0 // no negative zero
	}
	return math.Floor(quotient)
}

// stream returns the random numbers of one purpose, which depend on nothing but the seed and its name.
func stream(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
