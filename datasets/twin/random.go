package twin

import (
	"hash/fnv"
	"math/rand/v2"
)

// stream returns the random numbers of one purpose, such as one sample. Each purpose has its own, so that a sample
// depends on the seed and its id only, not on how much was drawn before it.
func stream(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose)) // never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// apportion divides n draws among the entries of a profile by systematic sampling: every entry gets its share rounded
// down or up, and thin tails keep their total where rounding each entry alone would empty them.
func apportion(profile []float64, n int, rng *rand.Rand) []int {
	total := 0.0
	for _, p := range profile {
		total += p
	}
	counts := make([]int, len(profile))
	offset, sum, before := rng.Float64(), 0.0, 0
	for i, p := range profile {
		sum += p
		upTo := min(n, int(float64(n)*sum/total+offset))
		counts[i], before = upTo-before, upTo
	}
	counts[len(counts)-1] += n - before // a rounding error in sum at most
	return counts
}

// expand lists each index as often as its count says, in random order.
func expand(counts []int, rng *rand.Rand) []int {
	var list []int
	for i, n := range counts {
		for range n {
			list = append(list, i)
		}
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
