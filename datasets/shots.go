package datasets

import (
	"fmt"
	"slices"
)

// Region is a part of the label space: a shot region, which says how much training data a bin has, or all of it.
type Region int

// The shot regions, from most to least training data, and all of them together, of which no single bin is.
const (
	Many Region = iota
	Medium
	Few
	All
)

// Regions lists the shot regions in the order in which tables show them.
var Regions = []Region{Many, Medium, Few}

var regionNames = []string{"many", "medium", "few", "all"}

// String returns "many", "medium", "few" or "all".
func (r Region) String() string {
	if r < 0 || int(r) >= len(regionNames) {
		return fmt.Sprintf("region(%d)", int(r))
	}
	return regionNames[r]
}

// ParseRegion returns the region of a name that [Region.String] gives.
func ParseRegion(name string) (Region, error) {
	if i := slices.Index(regionNames, name); i >= 0 {
		return Region(i), nil
	}
	return 0, fmt.Errorf("region %q: expected all, many, medium or few", name)
}

// MarshalText writes the name.
func (r Region) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the name.
func (r *Region) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRegion(string(text))
	return err
}

// ShotRule divides bins into shot regions, either by the number of training samples in the bin
// (many: more than Many; few: fewer than Few; both thresholds count as medium), or, when ManyBins is set, by the
// fixed lists that the official STS-B-DIR and NYUD2-DIR code contains. It is data that travels with a dataset.
type ShotRule struct {
	Many       int   `yaml:"many,omitempty" json:"many,omitempty"`
	Few        int   `yaml:"few,omitempty" json:"few,omitempty"`
	ManyBins   []int `yaml:"many_bins,omitempty,flow" json:"many_bins,omitempty"`
	MediumBins []int `yaml:"medium_bins,omitempty,flow" json:"medium_bins,omitempty"`
}

// AgeShots is the rule of the age benchmarks: many above 100 training samples of that age, few below 20.
func AgeShots() ShotRule { return ShotRule{Many: 100, Few: 20} }

// STSBShots is the fixed list of the official STS-B-DIR code (STSShotAverage); it does not follow 20/100.
func STSBShots() ShotRule {
	return ShotRule{
		ManyBins:   []int{0, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 49},
		MediumBins: []int{2, 4, 6, 8, 27, 35, 37},
	}
}

// NYUD2Shots is the fixed list of the official NYUD2-DIR code (Evaluator).
func NYUD2Shots() ShotRule {
	rule := ShotRule{MediumBins: []int{7, 8, 46, 48, 50, 51, 52, 53, 54, 55, 56, 58, 60, 61, 63}}
	for bin := 9; bin <= 45; bin++ {
		rule.ManyBins = append(rule.ManyBins, bin)
	}
	rule.ManyBins = append(rule.ManyBins, 47, 49)
	return rule
}

// SHHSShots is this project's rule for SHHS-DIR: many above 20 training subjects a point, few below 10.
func SHHSShots() ShotRule { return ShotRule{Many: 20, Few: 10} }

// Validate reports the first thing wrong with the rule for a label space of the given number of bins.
func (r ShotRule) Validate(bins int) error {
	if len(r.ManyBins) == 0 && len(r.MediumBins) == 0 {
		if r.Few < 0 || r.Many < r.Few {
			return fmt.Errorf("shot rule: many %d, few %d: expected many >= few >= 0", r.Many, r.Few)
		}
		return nil
	}
	seen := map[int]bool{}
	for _, list := range [][]int{r.ManyBins, r.MediumBins} {
		for _, b := range list {
			if b < 0 || b >= bins {
				return fmt.Errorf("shot rule: bin %d is outside 0..%d", b, bins-1)
			}
			if seen[b] {
				return fmt.Errorf("shot rule: bin %d is listed twice", b)
			}
			seen[b] = true
		}
	}
	return nil
}

// WithoutMany returns the rule with the chosen bins taken from its lists, so that they are few-shot; a rule of
// thresholds, which makes bins without training samples few-shot anyway, stays as it is.
func (r ShotRule) WithoutMany(chosen func(bin int) bool) ShotRule {
	r.ManyBins = slices.DeleteFunc(slices.Clone(r.ManyBins), chosen)
	r.MediumBins = slices.DeleteFunc(slices.Clone(r.MediumBins), chosen)
	return r
}

// Regions returns the region of each bin, given the training samples per bin.
func (r ShotRule) Regions(trainCounts []int) []Region {
	regions := make([]Region, len(trainCounts))
	if len(r.ManyBins) > 0 || len(r.MediumBins) > 0 {
		for i := range regions {
			regions[i] = Few
		}
		for _, b := range r.MediumBins {
			regions[b] = Medium
		}
		for _, b := range r.ManyBins {
			regions[b] = Many
		}
		return regions
	}
	for i, n := range trainCounts {
		switch {
		case n > r.Many:
			regions[i] = Many
		case n < r.Few:
			regions[i] = Few
		default:
			regions[i] = Medium
		}
	}
	return regions
}
