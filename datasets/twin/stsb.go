package twin

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dirbench/dirbench/datasets"
)

// stsbCounts is the number of training samples in each of the 50 bins of STS-B-DIR. Raters gave multiples of 0.2
// most, so every other bin is nearly empty.
var stsbCounts = []float64{
	428, 4, 96, 2, 98, 9, 86, 14, 97, 1, 203, 1, 139, 7, 117, 22, 111, 17, 118, 1, 186, 3, 192, 7, 111,
	27, 150, 35, 143, 1, 357, 6, 332, 22, 239, 55, 209, 71, 257, 5, 352, 3, 229, 4, 126, 20, 115, 25, 133, 263,
}

// stsbProfile returns the relative frequency of each bin in training: the real counts, multiplied by the cube of the
// count of the neighbourhood, two bins to each side. Stretches of the real range differ by a factor of four, which at
// the size of a twin drowns in the noise of training; so the twin's common stretch, about 3 to 4, is more common
// than in the real data. The alternation of common and rare bins stays as it is.
func stsbProfile() []float64 {
	profile := make([]float64, len(stsbCounts))
	for i, n := range stsbCounts {
		around := 0.0
		for _, m := range stsbCounts[max(0, i-2):min(len(stsbCounts), i+3)] {
			around += m
		}
		profile[i] = n * around * around * around
	}
	return profile
}

const (
	stsbSize = 1500 // default Options.Size
	// The official validation and test sets take the same number of samples from each equal part of the range.
	stsbParts   = 20
	realPerPart = 50
)

func stsbMeta(Options) datasets.Meta {
	return datasets.Meta{
		Title:      "STS-B-DIR",
		Modality:   datasets.Text,
		LabelSpace: datasets.STSBSpace(),
		Shots:      datasets.STSBShots(),
	}
}

// stsbScores returns the labels of a split.
func stsbScores(o Options, split datasets.Split) []float64 {
	rng := datasets.Stream(o.Seed, "sts-b labels "+string(split))
	perPart := func(atDefault int) int {
		return max(1, min(realPerPart, int(math.Round(float64(atDefault*o.Size)/stsbSize))))
	}
	switch split {
	case datasets.Val:
		return balancedScores(rng, perPart(15))
	case datasets.Test:
		return balancedScores(rng, perPart(20))
	}
	return trainScores(rng, o.Size)
}

// generateSTSB emits pairs of sentences whose similarity is the label.
func generateSTSB(o Options, emit Emit) error {
	for _, split := range datasets.Splits {
		for i, score := range stsbScores(o, split) {
			id := fmt.Sprintf("%s-%06d", split, i)
			pair := sentencePair(datasets.Stream(o.Seed, "sts-b "+id), score)
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

// balancedScores returns perPart scores from every equal part of the range, in random order.
func balancedScores(rng *rand.Rand, perPart int) []float64 {
	chance := evaluationChance()
	var scores []float64
	for part := range stsbParts {
		for range perPart {
			scores = append(scores, scoreInPart(rng, part, chance))
		}
	}
	rng.Shuffle(len(scores), func(i, j int) { scores[i], scores[j] = scores[j], scores[i] })
	return scores
}

// fewBoost is how much more often a few-shot bin is drawn for validation and test than officially, where it would
// leave thirty few-shot samples in a test set of 400: too few for a stable mean.
const fewBoost = 6

// evaluationChance returns the relative frequency of each bin within its part in validation and test, below 1.
func evaluationChance() []float64 {
	chance := make([]float64, len(stsbCounts))
	regions := datasets.STSBShots().Regions(make([]int, len(stsbCounts)))
	for i, n := range stsbCounts {
		chance[i] = n / slices.Max(stsbCounts)
		if regions[i] == datasets.Few {
			chance[i] *= fewBoost
		}
	}
	return chance
}

// scoreInPart draws a score of three decimals in an equal part of the range by rejection.
func scoreInPart(rng *rand.Rand, part int, chance []float64) float64 {
	const size = 1000 * maxScore / stsbParts
	for {
		m := part*size + rng.IntN(size)
		if m%100 != 0 && rng.Float64() < chance[m/100] {
			return float64(m) / 1000
		}
	}
}
