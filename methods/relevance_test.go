package methods

import (
	deep "reflect" // the package has a function reflect
	"slices"
	"testing"
)

func TestRelevance(t *testing.T) {
	triangle := Kernel{Kind: Triangle, Size: 3} // taps 1/2, 1, 1/2
	tests := []struct {
		counts []int
		lds    *Kernel
		want   []float64
	}{
		{[]int{11, 1, 0, 3, 10}, nil, []float64{0, 1, 1, 0.8, 0.1}},
		{[]int{4, 0, 2}, &triangle, []float64{0, 0.5, 1}},     // smoothed: 4, 3, 2
		{[]int{8, 0, 0, 4}, &triangle, []float64{0, 1, 1, 1}}, // smoothed: 8, 4, 2, 4; an empty bin does not count
		{[]int{3, 3}, nil, []float64{0, 0}},
		{[]int{0, 0}, nil, []float64{0, 0}},
	}
	for _, tt := range tests {
		if got := Relevance(tt.counts, tt.lds, ZeroPadding); !slices.EqualFunc(got, tt.want,
			func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("%v: relevance %v, want %v", tt.counts, got, tt.want)
		}
	}
}

// TestRelevanceOfSTSB: the official training counts have rare bins with and without LDS; numbers by a calculation in
// Python.
func TestRelevanceOfSTSB(t *testing.T) {
	kernel := DefaultKernel()
	for lds, want := range map[*Kernel][2]int{nil: {25, 448}, &kernel: {13, 311}} {
		rare, rows := 0, 0
		for bin, phi := range Relevance(stsbCounts, lds, ZeroPadding) {
			if phi >= 0.8 {
				rare, rows = rare+1, rows+stsbCounts[bin]
			}
		}
		if want != [2]int{rare, rows} {
			t.Errorf("smoothed %v: %d rare bins with %d rows, want %v", lds != nil, rare, rows, want)
		}
	}
}

func TestRegions(t *testing.T) {
	phi := []float64{0, 0.9, 1, 0.8, 0.1, 0.9}
	tests := []struct {
		name string
		bins []int
		want []region
	}{
		{"runs of neighbouring bins", []int{5, 0, 3, 1, 4, 0, 2}, []region{
			{false, []int{1, 5}}, {true, []int{3, 6, 2}}, {false, []int{4}}, {true, []int{0}}}},
		{"an empty rare bin does not part normal ones", []int{0, 4, 0}, []region{{false, []int{0, 2, 1}}}},
		{"the threshold itself is rare", []int{3}, []region{{true, []int{0}}}},
	}
	for _, tt := range tests {
		if got := regions(tt.bins, phi, 0.8); !deep.DeepEqual(got, tt.want) {
			t.Errorf("%s: regions %v, want %v", tt.name, got, tt.want)
		}
	}
}
