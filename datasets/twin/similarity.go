package twin

import (
	"math"
	"math/rand/v2"
)

// relation of two words in the same slot.
type relation int

const (
	sameWord relation = iota
	synonym
	sameGroup
	unrelated
	relationCount
)

// closeness is what a relation adds to the similarity, as a share of the slot's weight.
var closeness = [relationCount]float64{1, 0.5, 0.1, 0}

const (
	maxScore = 5.0
	// scoreNoise is the standard deviation of a label about the similarity of its sentences.
	scoreNoise = 0.3
	// scoreReach is how far from the wanted similarity that of a pair may lie.
	scoreReach = 0.15
)

// similarity of two sentences, 0 to 5, by the relations of their words.
func similarity(r [slotCount]relation, f filled) float64 {
	sum := 0.0
	for i, s := range slots {
		if f[i] {
			sum += s.weight * closeness[r[i]]
		}
	}
	return maxScore * sum / f.weight()
}

// relationsFor picks, at random among all that come near the wanted similarity, the relations of a pair's words.
func relationsFor(rng *rand.Rand, wanted float64, f filled) [slotCount]relation {
	var near [][slotCount]relation
	var best [slotCount]relation
	bestGap := math.Inf(1)
	for code := range 1 << (2 * slotCount) { // two bits a slot, as there are four relations
		var r [slotCount]relation
		for i := range r {
			r[i] = relation(code >> (2 * i) & 3)
		}
		gap := math.Abs(similarity(r, f) - wanted)
		if gap < scoreReach {
			near = append(near, r)
		}
		if gap < bestGap {
			best, bestGap = r, gap
		}
	}
	if len(near) == 0 {
		return best
	}
	return near[rng.IntN(len(near))]
}

// sentencePair composes two sentences whose similarity is the score but for the label noise.
func sentencePair(rng *rand.Rand, score float64) [2]string {
	f := filled{subject: true, verb: true, object: true, place: rng.IntN(2) == 0, quality: rng.IntN(2) == 0}
	wanted := max(0, min(maxScore, score+scoreNoise*rng.NormFloat64()))
	relations := relationsFor(rng, wanted, f)
	var a, b phrase
	for i, s := range slots {
		a[i] = s.random(rng)
		b[i] = s.related(rng, a[i], relations[i])
	}
	return [2]string{say(rng, a, f), say(rng, b, f)}
}
