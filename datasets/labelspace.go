package datasets

import (
	"fmt"
	"math"
	"sort"
)

// BinRule says how a continuous label becomes a bin number.
type BinRule string

const (
	// BinInteger bins by the integer part of the label: bin k holds [k, k+1), the last bin everything above.
	// It is the rule of the age benchmarks.
	BinInteger BinRule = "integer"
	// BinEdges bins by edges rounded to float32, edge k = float32(k*width), and puts the upper end of the range
	// into the last bin. It is the rule of STS-B-DIR, whose labels are compared with float32 edges.
	BinEdges BinRule = "edges"
	// BinWidth bins by min(int((label-min)/width), bins-1). It is the rule of NYUD2-DIR.
	BinWidth BinRule = "width"
)

// LabelSpace is the range of a continuous target and its division into bins. Re-weighting, label and feature
// distribution smoothing and shot regions all count in these bins.
type LabelSpace struct {
	Unit string  `yaml:"unit,omitempty" json:"unit,omitempty"` // for axis titles: "years", "points"
	Min  float64 `yaml:"min" json:"min"`                       // smallest valid label
	Max  float64 `yaml:"max" json:"max"`                       // largest valid label
	Rule BinRule `yaml:"rule" json:"rule"`
	Bins int     `yaml:"bins" json:"bins"`
	// Width of a bin in label units; 1 for BinInteger.
	Width float64 `yaml:"width" json:"width"`
}

// AgeSpace is the label space of the age benchmarks: whole years, 121 bins, everything above 120 pooled.
// Labels up to 200 are valid because IMDB-WIKI-DIR keeps them.
func AgeSpace() LabelSpace {
	return LabelSpace{Unit: "years", Min: 0, Max: 200, Rule: BinInteger, Bins: 121, Width: 1}
}

// STSBSpace is the label space of STS-B-DIR: 50 bins of 0.1 on [0, 5].
func STSBSpace() LabelSpace {
	return LabelSpace{Unit: "similarity", Min: 0, Max: 5, Rule: BinEdges, Bins: 50, Width: 0.1}
}

// NYUD2Space is the label space of NYUD2-DIR: 100 bins of 0.1 m on [0, 10].
func NYUD2Space() LabelSpace {
	return LabelSpace{Unit: "m", Min: 0, Max: 10, Rule: BinWidth, Bins: 100, Width: 0.1}
}

// SHHSSpace is the label space of SHHS-DIR: 100 bins of one point of the general health score, 0 to 100.
func SHHSSpace() LabelSpace {
	return LabelSpace{Unit: "points", Min: 0, Max: 100, Rule: BinWidth, Bins: 100, Width: 1}
}

// Validate reports the first thing wrong with the label space.
func (s LabelSpace) Validate() error {
	switch {
	case s.Rule != BinInteger && s.Rule != BinEdges && s.Rule != BinWidth:
		return fmt.Errorf("label space: rule %q: expected integer, edges or width", s.Rule)
	case s.Bins < 1 || s.Bins > 1_000_000:
		return fmt.Errorf("label space: bins %d: expected 1 to 1000000", s.Bins)
	case !(s.Max > s.Min):
		return fmt.Errorf("label space: max %g is not above min %g", s.Max, s.Min)
	case !(s.Width > 0):
		return fmt.Errorf("label space: width %g: expected a positive number", s.Width)
	case s.Rule == BinInteger && s.Width != 1:
		return fmt.Errorf("label space: width %g: the integer rule has width 1", s.Width)
	}
	return nil
}

// Check returns an error if the label is not a finite number inside the range.
func (s LabelSpace) Check(label float32) error {
	v := float64(label)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("label %v is not a finite number", label)
	}
	if v < s.Min || v > s.Max {
		return fmt.Errorf("label %v is outside [%v, %v]", label, s.Min, s.Max)
	}
	return nil
}

// Bin returns the bin of a valid label, 0 <= bin < Bins; labels outside the range go to the nearest end.
func (s LabelSpace) Bin(label float32) int {
	bin := 0
	switch s.Rule {
	case BinEdges:
		// First edge above the label, minus one; the comparison is between float32 values, as in the original.
		bin = sort.Search(s.Bins+1, func(k int) bool { return s.edge(k) > label }) - 1
	case BinWidth:
		// In float32, as the original computes int(x * float32(10)): 0.7 m is the first depth of bin 7.
		bin = int((label - float32(s.Min)) * float32(1/s.Width))
	default:
		bin = int(math.Floor(float64(label) - s.Min))
	}
	return max(0, min(bin, s.Bins-1))
}

func (s LabelSpace) edge(k int) float32 { return float32(s.Min + float64(k)*s.Width) }

// Lower returns the smallest label of a bin.
func (s LabelSpace) Lower(bin int) float64 { return s.Min + float64(bin)*s.Width }

// Upper returns the end of a bin, which belongs to the next one; that of the last bin is the largest valid label.
func (s LabelSpace) Upper(bin int) float64 {
	if bin == s.Bins-1 {
		return s.Max
	}
	return s.Lower(bin + 1)
}

// Center returns the label that stands for a bin: its middle, or the whole number of the integer rule.
func (s LabelSpace) Center(bin int) float64 {
	if s.Rule == BinInteger {
		return s.Lower(bin)
	}
	return s.Lower(bin) + s.Width/2
}

// Count returns the number of labels in each bin, length Bins.
func (s LabelSpace) Count(labels []float32) []int {
	counts := make([]int, s.Bins)
	for _, l := range labels {
		counts[s.Bin(l)]++
	}
	return counts
}
