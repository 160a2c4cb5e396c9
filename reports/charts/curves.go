package charts

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Curve is how a method's training went: for each seed the values after each epoch or check. NaN is a value that was
// not finite.
type Curve struct {
	Name   string
	Colour int
	Loss   [][]float64 // by seed
	Val    [][]float64
}

// Curves draws the training loss and the validation metric of methods: a line for the mean over the seeds, as far as
// all of them went, in a band from the smallest to the largest. step and metric title the axes: "epoch", "validation
// MAE (years)".
func Curves(title, step, metric string, curves []Curve) (Figure, error) {
	loss, val := newPanel("", step, "training loss"), newPanel("", step, metric)
	f := Figure{Title: title, Panels: []*plot.Plot{loss, val}, Across: 2, Panel: panelHalf}
	for _, c := range curves {
		if len(c.Loss) == 0 || len(c.Val) != len(c.Loss) {
			return Figure{}, fmt.Errorf("learning curve of %s: %d losses and %d validations: expected one for each seed",
				c.Name, len(c.Loss), len(c.Val))
		}
		for _, part := range []struct {
			panel *plot.Plot
			seeds [][]float64
		}{{loss, c.Loss}, {val, c.Val}} {
			if err := addCurve(part.panel, func(i int) float64 { return float64(i + 1) }, part.seeds, c.Colour); err != nil {
				return Figure{}, fmt.Errorf("learning curve of %s: %w", c.Name, err)
			}
		}
		f.Key = append(f.Key, KeyEntry{c.Name, Colour(c.Colour)})
	}
	for _, p := range f.Panels {
		p.X.Tick.Marker = roundTicks{whole: true}
	}
	return f, nil
}

// addCurve draws the band and the line of values that stand at places of the horizontal axis.
func addCurve(p *plot.Plot, at func(i int) float64, seeds [][]float64, colour int) error {
	var low, high, mean plotter.XYs
	for i := range shortest(seeds) {
		least, most, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, s := range seeds {
			least, most, sum = min(least, s[i]), max(most, s[i]), sum+s[i]
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			continue
		}
		x := at(i)
		low, high = append(low, plotter.XY{X: x, Y: least}), append(high, plotter.XY{X: x, Y: most})
		mean = append(mean, plotter.XY{X: x, Y: sum / float64(len(seeds))})
	}
	if len(mean) == 0 {
		return fmt.Errorf("no epoch that every seed finished")
	}
	if err := addBand(p, low, high, colour); err != nil {
		return err
	}
	if len(mean) == 1 {
		p.Add(dots{Colour(colour), mean, []int{1}})
		return nil
	}
	line, err := plotter.NewLine(mean)
	if err != nil {
		return err
	}
	line.Color, line.Width = Colour(colour), vg.Points(1.5)
	p.Add(line)
	return nil
}

func addBand(p *plot.Plot, low, high plotter.XYs, colour int) error {
	outline := append(plotter.XYs(nil), low...)
	for i := len(high) - 1; i >= 0; i-- {
		outline = append(outline, high[i])
	}
	band, err := plotter.NewPolygon(outline)
	if err != nil {
		return err
	}
	band.Color, band.LineStyle.Width = faint(Colour(colour), 0x38), 0
	p.Add(band)
	return nil
}

func shortest(seeds [][]float64) int {
	n := len(seeds[0])
	for _, s := range seeds {
		n = min(n, len(s))
	}
	return n
}
