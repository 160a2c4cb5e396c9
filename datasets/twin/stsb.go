package twin

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
)

// stsbProfile is the number of training samples in each of the 50 bins of STS-B-DIR. Raters gave multiples of 0.2
// most, so every other bin is nearly empty: the imbalance is between neighbours, and of low scores against high.
var stsbCounts = []float64{
	428, 4, 96, 2, 98, 9, 86, 14, 97, 1, 203, 1, 139, 7, 117, 22, 111, 17, 118, 1, 186, 3, 192, 7, 111,
	27, 150, 35, 143, 1, 357, 6, 332, 22, 239, 55, 209, 71, 257, 5, 352, 3, 229, 4, 126, 20, 115, 25, 133, 263,
}

// stsbProfile is stsbCounts thinned once more where a stretch of the range holds little: each bin is multiplied by
// the sum of its neighbourhood, two bins to each side. In the real data a stretch differs from another by a factor of
// four, too little to show at the size of a twin.
func stsbProfile() []float64 {
	profile := make([]float64, len(stsbCounts))
	for i, n := range stsbCounts {
		for j := max(0, i-2); j <= min(len(stsbCounts)-1, i+2); j++ {
			profile[i] += stsbCounts[j]
		}
		profile[i] = n * math.Pow(profile[i], 1.7)
	}
	return profile
}

// stsbParts is the number of equal parts of the score range from which the official validation and test sets take
// the same number of samples each.
const stsbParts = 20

func stsbMeta(Options) datasets.Meta {
	return datasets.Meta{
		Title:      "STS-B-DIR",
		Modality:   datasets.Text,
		LabelSpace: datasets.STSBSpace(),
		Shots:      datasets.STSBShots(),
	}
}

// generateSTSB emits pairs of sentences whose similarity is the label.
func generateSTSB(o Options, emit Emit) error {
	perPart := func(atDefault int) int {
		return max(1, min(50, int(math.Round(float64(atDefault*o.Size)/1500))))
	}
	for _, split := range datasets.Splits {
		rng := stream(o.Seed, "sts-b labels "+string(split))
		var scores []float64
		switch split {
		case datasets.Train:
			scores = trainScores(rng, o.Size)
		case datasets.Val:
			scores = balancedScores(rng, perPart(15))
		case datasets.Test:
			scores = balancedScores(rng, perPart(20))
		}
		for i, score := range scores {
			id := fmt.Sprintf("%s-%06d", split, i)
			pair := sentencePair(stream(o.Seed, "sts-b "+id), score)
			if err := emit(split, datasets.Sample{ID: id, Label: float32(score), Sentences: pair}); err != nil {
				return err
			}
		}
	}
	return nil
}

// trainScores returns n scores whose counts per bin follow the profile, in random order.
func trainScores(rng *rand.Rand, n int) []float64 {
	var scores []float64
	for _, bin := range expand(apportion(stsbProfile(), n, rng), rng) {
		scores = append(scores, scoreInside(rng, bin))
	}
	return scores
}

// scoreInside returns a score of three decimals in a bin, away from its edges, where float32 rounding decides.
func scoreInside(rng *rand.Rand, bin int) float64 { return float64(100*bin+1+rng.IntN(99)) / 1000 }

// balancedScores returns perPart scores from every equal part of the range, in random order. Within a part common
// bins are drawn more often, by the square root of their training count: scarce ones are seen, yet stay scarce.
func balancedScores(rng *rand.Rand, perPart int) []float64 {
	var scores []float64
	for part := range stsbParts {
		for range perPart {
			scores = append(scores, scoreInPart(rng, part))
		}
	}
	rng.Shuffle(len(scores), func(i, j int) { scores[i], scores[j] = scores[j], scores[i] })
	return scores
}

func scoreInPart(rng *rand.Rand, part int) float64 {
	lo := part * 1000 * maxScore / stsbParts
	hi := lo + 1000*maxScore/stsbParts
	for { // rejection sampling
		m := lo + rng.IntN(hi-lo)
		if accept := min(1, testBoost(m/100)*stsbCounts[m/100]/428); m%100 != 0 && rng.Float64() < accept {
			return float64(m) / 1000
		}
	}
}

func testBoost(bin int) float64 {
	if stsbCounts[bin] < 28 {
		return 6
	}
	return 1
}
