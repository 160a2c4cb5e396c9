package datasets

import (
	"fmt"
	"math"
	"reflect"
	"sort"
)

// BinRule says how a continuous label becomes a bin number.
type BinRule string

const (
	// BinInteger bins by the integer part of the label: bin k holds [k, k+1), the last bin everything above.
	// It is the rule of the age benchmarks.
	BinInteger BinRule = "integer"
	// BinEdges bins by edges rounded to float32, as labels are: bin k holds [edge k, edge k+1), and the last one the upper
	// end of the range too. Edges are those of the list, or edge k = min + k*width without one. It is the rule of
	// STS-B-DIR and of all labels that are neither whole numbers nor of a published benchmark.
	BinEdges BinRule = "edges"
	// BinWidth bins by min(int((label-min)/width), bins-1). It is the rule of NYUD2-DIR.
	BinWidth BinRule = "width"
)

// LabelSpace is the range of a continuous target and its division into bins. Re-weighting, label and feature
// distribution smoothing and shot regions all count in these bins.
//
// Labels are kept in 32 bits, 24 of which are the mantissa's: whole numbers above 16,777,216 are rounded, and labels of
// about a million are 0.06 apart at least. The ends of the range and the edges are compared with labels after the same
// rounding.
type LabelSpace struct {
	Unit string  `yaml:"unit,omitempty" json:"unit,omitempty"` // for axis titles: "years", "points"
	Min  float64 `yaml:"min" json:"min"`                       // smallest valid label
	Max  float64 `yaml:"max" json:"max"`                       // largest valid label
	Rule BinRule `yaml:"rule" json:"rule"`
	Bins int     `yaml:"bins" json:"bins"`
	// Width of a bin in label units; 1 for BinInteger, 0 where Edges are listed.
	Width float64 `yaml:"width,omitempty" json:"width,omitempty"`
	// Edges are the borders of bins that differ in width, in ascending order from Min to Max, one more than bins.
	Edges []float64 `yaml:"edges,omitempty,flow" json:"edges,omitempty"`
}

// Equal reports whether two label spaces are the same.
func (s LabelSpace) Equal(other LabelSpace) bool { return reflect.DeepEqual(s, other) }

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

const mostBins = 1_000_000

// Validate reports the first thing wrong with the label space.
func (s LabelSpace) Validate() error {
	switch {
	case s.Rule != BinInteger && s.Rule != BinEdges && s.Rule != BinWidth:
		return fmt.Errorf("label space: rule %q: expected integer, edges or width", s.Rule)
	case s.Bins < 1 || s.Bins > mostBins:
		return fmt.Errorf("label space: bins %d: expected 1 to %d", s.Bins, mostBins)
	case !(s.Max > s.Min):
		return fmt.Errorf("label space: max %g is not above min %g", s.Max, s.Min)
	case len(s.Edges) > 0:
		return s.validateEdges()
	case !(s.Width > 0):
		return fmt.Errorf("label space: width %g: expected a positive number", s.Width)
	case s.Rule == BinInteger && s.Width != 1:
		return fmt.Errorf("label space: width %g: the integer rule has width 1", s.Width)
	}
	return s.validateApart()
}

// validateEdges checks a list of edges.
func (s LabelSpace) validateEdges() error {
	switch n := len(s.Edges); {
	case s.Rule != BinEdges:
		return fmt.Errorf("label space: edges are of the rule edges, not %s", s.Rule)
	case s.Width != 0:
		return fmt.Errorf("label space: width %g: expected none beside edges", s.Width)
	case n != s.Bins+1:
		return fmt.Errorf("label space: %d edges for %d bins: expected one more than bins", n, s.Bins)
	case s.Edges[0] != s.Min || s.Edges[n-1] != s.Max:
		return fmt.Errorf("label space: edges from %g to %g: expected from min %g to max %g", s.Edges[0], s.Edges[n-1], s.Min,
			s.Max)
	}
	return s.validateApart()
}

// validateApart makes sure that the edges are apart in 32 bits.
func (s LabelSpace) validateApart() error {
	if s.Rule != BinEdges {
		return nil
	}
	for k := range s.Bins {
		if !(s.edge(k) < s.edge(k+1)) {
			return fmt.Errorf("label space: edges %v and %v: expected ascending numbers that are apart in 32 bits, as "+
				"labels are kept",
				s.Lower(k), s.Lower(k+1))
		}
	}
	return nil
}

// Check returns an error if the label is not a finite number inside the range.
func (s LabelSpace) Check(label float32) error {
	if v := float64(label); math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("label %v is not a finite number", label)
	}
	if label < float32(s.Min) || label > float32(s.Max) {
		return fmt.Errorf("label %v is outside [%v, %v]", label, s.Min, s.Max)
	}
	return nil
}

// Coarse reports whether a label moves by more than a quarter of its bin when it is rounded to 32 bits.
func (s LabelSpace) Coarse(label float64) bool {
	return math.Abs(float64(float32(label))-label) > s.WidthOf(s.Bin(float32(label)))/4
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

func (s LabelSpace) edge(k int) float32 { return float32(s.Lower(k)) }

// Lower returns the smallest label of a bin; Lower(Bins) is where the last one ends but for what is pooled in it.
func (s LabelSpace) Lower(bin int) float64 {
	if len(s.Edges) > 0 {
		return s.Edges[bin]
	}
	return s.Min + float64(bin)*s.Width
}

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
	return s.Middle(bin)
}

// Middle returns the middle of a bin, also of one that stands for a whole number.
func (s LabelSpace) Middle(bin int) float64 { return s.Lower(bin) + s.WidthOf(bin)/2 }

// WidthOf returns the width of a bin.
func (s LabelSpace) WidthOf(bin int) float64 {
	if len(s.Edges) > 0 {
		return s.Edges[bin+1] - s.Edges[bin]
	}
	return s.Width
}

// MeanWidth returns the width of the bins, their mean where they differ.
func (s LabelSpace) MeanWidth() float64 {
	if len(s.Edges) > 0 {
		return (s.Max - s.Min) / float64(s.Bins)
	}
	return s.Width
}

// Count returns the number of labels in each bin, length Bins.
func (s LabelSpace) Count(labels []float32) []int {
	counts := make([]int, s.Bins)
	for _, l := range labels {
		counts[s.Bin(l)]++
	}
	return counts
}
