package charts

import (
	"fmt"

	"gonum.org/v1/plot"
)

// RelevanceCurve is the squared error of a method over the relevance of labels: for each seed the sum at each
// threshold.
type RelevanceCurve struct {
	Name   string
	Colour int
	Seeds  [][]float64
}

// SquaredErrorByRelevance draws SER(t), the sum of the squared errors of samples whose relevance is at least t, over
// the thresholds: a line for the mean over the seeds in a band from the smallest to the largest. The area below a line
// is SERA (Ribeiro and Moniz 2020). unit titles the other axis: "sum of squared errors (years²)".
func SquaredErrorByRelevance(title, unit string, thresholds []float64, curves []RelevanceCurve) (Figure, error) {
	p := newPanel("", "relevance at least", unit)
	f := Figure{Title: title, Panels: []*plot.Plot{p}, Across: 1, Panel: panelWide}
	for _, c := range curves {
		for _, seed := range c.Seeds {
			if len(seed) != len(thresholds) {
				return Figure{}, fmt.Errorf("squared error of %s: %d values of %d thresholds", c.Name, len(seed), len(thresholds))
			}
		}
		if len(c.Seeds) == 0 {
			return Figure{}, fmt.Errorf("squared error of %s: no seed", c.Name)
		}
		if err := addCurve(p, func(i int) float64 { return thresholds[i] }, c.Seeds, c.Colour); err != nil {
			return Figure{}, fmt.Errorf("squared error of %s: %w", c.Name, err)
		}
		f.Key = append(f.Key, KeyEntry{c.Name, Colour(c.Colour)})
	}
	p.X.Min, p.X.Max, p.Y.Min = 0, 1, 0
	return f, nil
}
