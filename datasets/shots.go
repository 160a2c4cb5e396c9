package datasets

import (
	"errors"
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

// ShotRule divides bins into shot regions, in one of three ways: by the number of training samples in the bin (many:
// more than Many; few: fewer than Few; both thresholds count as medium); by the fixed lists ManyBins and MediumBins, as
// the official STS-B-DIR and NYUD2-DIR code does; or by Quantiles of the bins' training samples. It is data that
// travels with a dataset.
type ShotRule struct {
	Many       int   `yaml:"many,omitempty" json:"many,omitempty"`
	Few        int   `yaml:"few,omitempty" json:"few,omitempty"`
	ManyBins   []int `yaml:"many_bins,omitempty,flow" json:"many_bins,omitempty"`
	MediumBins []int `yaml:"medium_bins,omitempty,flow" json:"medium_bins,omitempty"`
	// Quantiles are two shares, such as 1/3 and 2/3, of the bins with training samples, in ascending order of their
	// number: bins below the first share are few, from the second one on many. Bins of one number of samples stay
	// together, where their middle is. Bins without samples are few.
	Quantiles []float64 `yaml:"quantiles,omitempty,flow" json:"quantiles,omitempty"`
}

// ThirdsShots divides the bins with training samples into thirds, as Dong et al., SRL (CVPR 2025), do with the distinct
// labels of UCI data. It is the rule of labels for which nobody has published one: thresholds do not fit data of any
// size.
func ThirdsShots() ShotRule { return ShotRule{Quantiles: []float64{1. / 3, 2. / 3}} }

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
	if len(r.Quantiles) > 0 {
		return r.validateQuantiles()
	}
	if !r.listed() {
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

func (r ShotRule) validateQuantiles() error {
	switch q := r.Quantiles; {
	case r.Many != 0 || r.Few != 0 || r.listed():
		return errors.New("shot rule: quantiles: expected no thresholds and no lists beside them")
	case len(q) != 2 || !(0 <= q[0] && q[0] <= q[1] && q[1] <= 1):
		return fmt.Errorf("shot rule: quantiles %v: expected two ascending shares from 0 to 1", q)
	}
	return nil
}

// listed reports whether the rule is one of fixed lists.
func (r ShotRule) listed() bool { return len(r.ManyBins)+len(r.MediumBins) > 0 }

// QuantileText says in words what quantiles do: "few are the lowest 33 %, many the highest 33 % of the bins with
// training samples, by their number"; empty without them.
func (r ShotRule) QuantileText() string {
	if len(r.Quantiles) == 0 {
		return ""
	}
	return fmt.Sprintf("few are the lowest %.0f %%, many the highest %.0f %% of the bins with training samples, by "+
		"their number",
		100*r.Quantiles[0], 100*(1-r.Quantiles[1]))
}

// WithoutMany returns the rule with the chosen bins taken from its lists, so that they are few-shot; any other rule,
// which makes bins without training samples few-shot anyway, stays as it is.
func (r ShotRule) WithoutMany(chosen func(bin int) bool) ShotRule {
	r.ManyBins = slices.DeleteFunc(slices.Clone(r.ManyBins), chosen)
	r.MediumBins = slices.DeleteFunc(slices.Clone(r.MediumBins), chosen)
	return r
}

// Regions returns the region of each bin, given the training samples per bin.
func (r ShotRule) Regions(trainCounts []int) []Region {
	regions := make([]Region, len(trainCounts))
	if len(r.Quantiles) > 0 {
		return r.quantileRegions(trainCounts)
	}
	if r.listed() {
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

// quantileRegions ranks the bins that have training samples.
func (r ShotRule) quantileRegions(trainCounts []int) []Region {
	ranked := slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(trainCounts),
		func(n int) bool { return n == 0 })))
	regions := make([]Region, len(trainCounts))
	for i, n := range trainCounts {
		first, _ := slices.BinarySearch(ranked, n)
		last, _ := slices.BinarySearch(ranked, n+1)
		switch middle := float64(first+last) / 2; {
		case n == 0 || middle < r.Quantiles[0]*float64(len(ranked)):
			regions[i] = Few
		case middle < r.Quantiles[1]*float64(len(ranked)):
			regions[i] = Medium
		default:
			regions[i] = Many
		}
	}
	return regions
}
