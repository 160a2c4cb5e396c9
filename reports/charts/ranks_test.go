package charts

import (
	"slices"
	"strings"
	"testing"
)

// eight methods, two bars that overlap and one that stands alone.
var eight = RankDiagram{
	Title:      "Mean ranks, few-shot, 6 datasets",
	Methods:    []string{"rrt+lds", "lds+fds", "rrt", "lds", "sqinv", "fds", "focal-r", "vanilla"},
	MeanRanks:  []float64{1.5, 2.08, 2.9, 4.1, 4.2, 5.9, 7.2, 7.3},
	Difference: 4.29,
	Cliques:    [][2]int{{0, 4}, {2, 6}, {3, 7}},
}

func TestRanks(t *testing.T) {
	svg, _ := svgsOf(t, Ranks(eight))
	for _, want := range append(slices.Clone(eight.Methods), "critical difference 4.29", "2.08", eight.Title) {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure lacks %q", want)
		}
	}
	if n := strings.Count(svg, "stroke:#0072B2"); n != len(eight.Cliques) {
		t.Errorf("%d bars, want %d", n, len(eight.Cliques))
	}
	none := eight
	none.Difference, none.Cliques = 0, nil
	if svg, _ := svgsOf(t, Ranks(none)); strings.Contains(svg, "critical difference") ||
		none.size().Height >= eight.size().Height {
		t.Error("without a critical difference there is a ruler, or room for it")
	}
}

func TestCliqueLevels(t *testing.T) {
	tests := []struct {
		cliques [][2]int
		want    []int
	}{
		{[][2]int{{0, 4}, {2, 6}, {3, 7}}, []int{0, 1, 2}},
		{[][2]int{{0, 1}, {1, 2}, {3, 4}}, []int{0, 1, 0}},
		{nil, []int{}},
	}
	for _, tt := range tests {
		if got := (RankDiagram{Cliques: tt.cliques}).cliqueLevels(); !slices.Equal(got, tt.want) {
			t.Errorf("%v: levels %v, want %v", tt.cliques, got, tt.want)
		}
	}
}
