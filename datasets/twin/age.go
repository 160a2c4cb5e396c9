package twin

import (
	"fmt"
	"math"

	"github.com/dirbench/dirbench/datasets"
)

const ageSide = 32 // pixels

// ageTwin is a benchmark of faces whose label is the age.
type ageTwin struct {
	name, title string
	size        int // default Options.Size
	knots       []ageKnot
	setting     setting
	// realPerAge is the number of validation or test samples of an age that has plenty of them in the real dataset.
	realPerAge int
	// shotTrain is the training set for which 100 and 20 samples of an age are the shot thresholds; a twin of another
	// size has them in proportion.
	shotTrain int
	// valPerAge and testPerAge are the samples of an age that has plenty, at the default size.
	valPerAge, testPerAge int
}

// ageKnot is a point of a label profile: the real dataset's training samples of an age, smoothed. Between two knots
// the logarithm of the count is linear.
type ageKnot struct{ age, count float64 }

// ageDB has the profile of AgeDB-DIR, 12,208 training samples: a bell about 35 with long thin tails.
var ageDB = ageTwin{
	name: "agedb", title: "AgeDB-DIR", size: 1200, setting: studio,
	knots: []ageKnot{
		{1, 1}, {8, 4}, {14, 9}, {17, 28}, {20, 100}, {25, 220}, {30, 290}, {36, 315}, {45, 260}, {60, 175},
		{70, 115}, {75, 85}, {80, 30}, {85, 17}, {90, 7}, {95, 3}, {101, 1},
	},
	realPerAge: 30, shotTrain: 12208, valPerAge: 4, testPerAge: 6,
}

// imdbWiki has a profile like that of IMDB-WIKI-DIR, whose counts by age are not at hand: its 191,509 training and
// 11,022 test samples, the latter at most 150 of an age, a steep peak about 30 and next to nothing below 10 and above
// 90. The few real labels above 110, which are wrong dates of birth, are left out.
//
// Its thresholds in proportion to 191,509 samples would be less than one sample at the size of a twin, so they are
// those of a training set of AgeDB's size; every region has training samples then.
var imdbWiki = ageTwin{
	name: "imdb-wiki", title: "IMDB-WIKI-DIR", size: 1500, setting: location,
	knots: []ageKnot{
		{0, 6}, {4, 14}, {8, 40}, {12, 170}, {16, 850}, {20, 2900}, {24, 5500}, {29, 6900}, {33, 6600}, {40, 5000},
		{47, 3400}, {55, 1850}, {65, 780}, {75, 230}, {82, 80}, {90, 20}, {100, 4}, {110, 1},
	},
	realPerAge: 150, shotTrain: 12208, valPerAge: 4, testPerAge: 6,
}

func (a ageTwin) recipe() recipe { return recipe{a.name, a.size, a.meta, a.generate} }

// profile returns the real benchmark's training samples per age, from age 0 on, smoothed.
func (a ageTwin) profile() []float64 {
	profile := make([]float64, int(a.knots[len(a.knots)-1].age)+1)
	for i := 1; i < len(a.knots); i++ {
		from, to := a.knots[i-1], a.knots[i]
		for age := from.age; age <= to.age; age++ {
			t := (age - from.age) / (to.age - from.age)
			profile[int(age)] = math.Exp((1-t)*math.Log(from.count) + t*math.Log(to.count))
		}
	}
	return profile
}

func (a ageTwin) meta(o Options) datasets.Meta {
	return datasets.Meta{
		Title:      a.title,
		Modality:   datasets.Image,
		LabelSpace: datasets.AgeSpace(),
		Shots:      scaledShots(datasets.AgeShots(), o.Size, a.shotTrain),
	}
}

// scaledShots scales the thresholds of a real dataset of realSize training samples with the size of the twin.
func scaledShots(official datasets.ShotRule, size, realSize int) datasets.ShotRule {
	scaled := func(threshold int) int {
		return max(1, int(math.Round(float64(threshold*size)/float64(realSize))))
	}
	return datasets.ShotRule{Many: scaled(official.Many), Few: scaled(official.Few)}
}

// balanced returns the samples per age of a validation or test split that has up to perAge of each. As the official
// rule takes a third of an age's samples at most, rare ages get fewer, but at least one.
func (a ageTwin) balanced(perAge int) []int {
	profile, plenty := a.profile(), float64(a.realPerAge)
	counts := make([]int, len(profile))
	for age, n := range profile {
		counts[age] = int(math.Ceil(min(n, plenty) / plenty * float64(perAge)))
	}
	return counts
}

// counts returns the samples per age of each split.
func (a ageTwin) counts(o Options) map[datasets.Split][]int {
	perAge := func(atDefault int) int {
		return max(1, min(a.realPerAge, int(math.Round(float64(atDefault*o.Size)/float64(a.size)))))
	}
	return map[datasets.Split][]int{
		datasets.Train: apportion(a.profile(), o.Size, datasets.Stream(o.Seed, a.name+" profile")),
		datasets.Val:   a.balanced(perAge(a.valPerAge)),
		datasets.Test:  a.balanced(perAge(a.testPerAge)),
	}
}

// generate emits faces whose age is the label.
func (a ageTwin) generate(o Options, emit Emit) error {
	counts := a.counts(o)
	for _, split := range datasets.Splits {
		ages := expand(counts[split], datasets.Stream(o.Seed, a.name+" order "+string(split)))
		for i, age := range ages {
			id := fmt.Sprintf("%s-%06d", split, i)
			face, err := drawFace(datasets.Stream(o.Seed, a.name+" "+id), float64(age), ageSide, a.setting)
			if err != nil {
				return fmt.Errorf("twin %s: sample %s: %w", a.name, id, err)
			}
			if err := emit(split, datasets.Sample{ID: id, Label: float32(age), Image: face}); err != nil {
				return err
			}
		}
	}
	return nil
}
