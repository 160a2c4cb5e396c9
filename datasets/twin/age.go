package twin

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

const (
	minAge, maxAge = 1, 101
	ageSide        = 32   // pixels
	ageSize        = 1200 // default Options.Size

	// Of the real AgeDB-DIR: training samples, and validation or test samples of an age that has plenty.
	realAgeTrain  = 12208
	realAgePerAge = 30
)

// ageKnots are a smooth version of the training samples per age of AgeDB-DIR: a bell about 35 with long thin tails.
// Between two knots the logarithm of the count is linear.
var ageKnots = []struct{ age, count float64 }{
	{1, 1}, {8, 4}, {14, 9}, {17, 28}, {20, 100}, {25, 220}, {30, 290}, {36, 315}, {45, 260}, {60, 175},
	{70, 115}, {75, 85}, {80, 30}, {85, 17}, {90, 7}, {95, 3}, {101, 1},
}

// ageProfile returns the real benchmark's training samples per age, index 0 to maxAge, smoothed.
func ageProfile() []float64 {
	profile := make([]float64, maxAge+1)
	for i := 1; i < len(ageKnots); i++ {
		a, b := ageKnots[i-1], ageKnots[i]
		for age := a.age; age <= b.age; age++ {
			t := (age - a.age) / (b.age - a.age)
			profile[int(age)] = math.Exp((1-t)*math.Log(a.count) + t*math.Log(b.count))
		}
	}
	return profile
}

// ageMeta scales the shot thresholds, 100 and 20 samples of an age, with the training set.
func ageMeta(o Options) datasets.Meta {
	scaled := func(threshold int) int {
		return max(1, int(math.Round(float64(threshold*o.Size)/realAgeTrain)))
	}
	official := datasets.AgeShots()
	return datasets.Meta{
		Title:      "AgeDB-DIR",
		Modality:   datasets.Image,
		LabelSpace: datasets.AgeSpace(),
		Shots:      datasets.ShotRule{Many: scaled(official.Many), Few: scaled(official.Few)},
	}
}

// balancedAges returns the samples per age of a validation or test split that has up to perAge of each. As the
// official rule takes a third of an age's samples at most, rare ages get fewer, but at least one.
func balancedAges(perAge int) []int {
	counts := make([]int, maxAge+1)
	for age, n := range ageProfile() {
		counts[age] = int(math.Ceil(min(n, realAgePerAge) / realAgePerAge * float64(perAge)))
	}
	return counts
}

// ageCounts returns the samples per age of each split.
func ageCounts(o Options) map[datasets.Split][]int {
	perAge := func(atDefault int) int {
		return max(1, min(realAgePerAge, int(math.Round(float64(atDefault*o.Size)/ageSize))))
	}
	return map[datasets.Split][]int{
		datasets.Train: apportion(ageProfile(), o.Size, stream(o.Seed, "agedb profile")),
		datasets.Val:   balancedAges(perAge(4)),
		datasets.Test:  balancedAges(perAge(6)),
	}
}

// generateAge emits faces whose age is the label.
func generateAge(o Options, emit Emit) error {
	counts := ageCounts(o)
	for _, split := range datasets.Splits {
		ages := expand(counts[split], stream(o.Seed, "agedb order "+string(split)))
		for i, age := range ages {
			id := fmt.Sprintf("%s-%06d", split, i)
			face, err := drawFace(stream(o.Seed, "agedb "+id), float64(age), ageSide)
			if err != nil {
				return fmt.Errorf("twin agedb: sample %s: %w", id, err)
			}
			if err := emit(split, datasets.Sample{ID: id, Label: float32(age), Image: face}); err != nil {
				return err
			}
		}
	}
	return nil
}
