package twin

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

const (
	shhsSize      = 300  // default Options.Size
	realSHHSTrain = 1892 // training subjects of SHHS-DIR

	// Seconds of a recording: four windows of 30 s, where the real ones last a night.
	recordingSeconds = 120
	windowSeconds    = 30

	// Validation and test take the same number of recordings from every part of the scores, five points wide.
	scoreParts        = 20
	shhsVal, shhsTest = 4, 6 // of a part, at the default size
)

// The rates of datasets.SHHSGroups.
const (
	eegRate       = 64  // Hz
	ecgRate       = 125 // Hz
	breathingRate = 8   // Hz
)

// scoreKnots is the shape of the label profile over the general health score: most people are well, few are very ill.
// Between two knots the logarithm is linear.
var scoreKnots = []struct{ score, weight float64 }{
	{5, 0.6}, {20, 3}, {35, 9}, {50, 25}, {60, 45}, {72, 110}, {80, 135}, {90, 100}, {100, 25},
}

// scoreProfile returns the relative frequency of each score, 0 to 100. The general health scale of SF-36 adds five
// answers of 1 to 5 points and maps the sum, 5 to 25, to 0..100; two answers of one question count 4.4 and 3.4. So its
// scores are multiples of five, or those plus two where that question has one of these two answers, as it does most
// often in the middle and upper range.
func scoreProfile() []float64 {
	profile := make([]float64, 101)
	for i := 1; i < len(scoreKnots); i++ {
		a, b := scoreKnots[i-1], scoreKnots[i]
		for score := a.score; score <= b.score; score++ {
			t := (score - a.score) / (b.score - a.score)
			profile[int(score)] = math.Exp((1-t)*math.Log(a.weight)+t*math.Log(b.weight)) * answerShare(int(score))
		}
	}
	return profile
}

// answerShare is the share of a score among those of its neighbourhood.
func answerShare(score int) float64 {
	common := 0.2 // the share of sums with a 4.4 or a 3.4
	if score > 45 {
		common = 0.8
	}
	switch {
	case score%5 == 0:
		return 1 - common
	case score%5 == 2 && score >= 12:
		return common
	}
	return 0
}

func shhsMeta(o Options) datasets.Meta {
	return datasets.Meta{
		Title:      "SHHS-DIR",
		Modality:   datasets.Signal,
		LabelSpace: datasets.SHHSSpace(),
		Shots:      scaledShots(datasets.SHHSShots(), o.Size, realSHHSTrain),
		Groups:     datasets.SHHSGroups(),
	}
}

// shhsCounts returns the recordings of each score in a split.
func shhsCounts(o Options, split datasets.Split) []int {
	rng, profile := datasets.Stream(o.Seed, "shhs profile "+string(split)), scoreProfile()
	if split == datasets.Train {
		return apportion(profile, o.Size, rng)
	}
	perPart := shhsVal
	if split == datasets.Test {
		perPart = shhsTest
	}
	perPart = max(1, int(math.Round(float64(perPart*o.Size)/shhsSize)))
	counts := make([]int, len(profile))
	for part := range scoreParts {
		lo, hi := part*5, part*5+5
		if part == scoreParts-1 {
			hi = len(profile)
		}
		if part > 0 { // no one scores below five
			copy(counts[lo:hi], apportion(profile[lo:hi], perPart, rng))
		}
	}
	return counts
}

// generateSHHS emits recordings of people whose general health score is the label.
func generateSHHS(o Options, emit Emit) error {
	for _, split := range datasets.Splits {
		scores := expand(shhsCounts(o, split), datasets.Stream(o.Seed, "shhs order "+string(split)))
		for i, score := range scores {
			id := fmt.Sprintf("%s-%06d", split, i)
			signals := record(datasets.Stream(o.Seed, "shhs "+id), float64(score))
			if err := emit(split, datasets.Sample{ID: id, Label: float32(score), Signals: signals}); err != nil {
				return err
			}
		}
	}
	return nil
}
