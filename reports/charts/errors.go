package charts

import (
	"image/color"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Series is a value for each bin; NaN where there is none. Colour is that of [Colour].
type Series struct {
	Name   string
	Colour int
	Values []float64
	N      []int // samples behind each value
}

func (s Series) has(bin int) bool { return !math.IsNaN(s.Values[bin]) }

// ErrorByBin draws the error of methods by bin before the density of training labels: as shaded bars the empirical one, as a
// line the effective one, both as shares of their sum and on one scale. A point is the larger the more samples its bin has;
// a strip below marks the shot regions. metric titles the axis.
func ErrorByBin(title, metric string, labels Labels, series []Series) (Figure, error) {
	if err := labels.check(series); err != nil {
		return Figure{}, err
	}
	p := newPanel("", labels.Name, metric)
	first, last := labels.shown(series)
	top := largest(series) * 1.05
	if err := labels.addDensities(p, first, last, top); err != nil {
		return Figure{}, err
	}
	p.Add(regionStrip{labels, first, last})
	key := []KeyEntry{}
	for _, s := range series {
		if err := addLines(p, labels, s); err != nil {
			return Figure{}, err
		}
		key = append(key, KeyEntry{s.Name, color.NRGBA(Colour(s.Colour))})
	}
	p.X.Min, p.X.Max = labels.Space.Lower(first), labels.Space.Lower(last+1)
	p.Y.Min, p.Y.Max = -stripShare/(1-stripShare)*top, top
	key = append(key, KeyEntry{"training labels", color.NRGBA(Mist)}, KeyEntry{"effective density (LDS)", effectiveColour})
	key = append(key, regionKey()...)
	return Figure{Title: title, Panels: []*plot.Plot{p}, Across: 1, Panel: panelWide, Key: key}, nil
}

// effectiveColour draws the effective density.
var effectiveColour = faint(Ink, 0x70)

// largest returns the largest value of all series, 1 if there is none above 0.
func largest(series []Series) float64 {
	top := 0.0
	for _, s := range series {
		for i, v := range s.Values {
			if s.has(i) {
				top = max(top, v)
			}
		}
	}
	if top == 0 {
		return 1
	}
	return top
}

// addDensities draws both densities; the higher one reaches the top.
func (l Labels) addDensities(p *plot.Plot, first, last int, top float64) error {
	empirical, effective := share(l.Empirical), share(l.Effective)
	if peak := max(floats.Max(empirical), floats.Max(effective)); peak > 0 {
		floats.Scale(top/peak, empirical)
		floats.Scale(top/peak, effective)
	}
	bars, err := plotter.NewPolygon(l.steps(first, last, func(bin int) float64 { return empirical[bin] }))
	if err != nil {
		return err
	}
	bars.Color, bars.LineStyle.Width = Mist, 0
	var centres plotter.XYs
	for i := first; i <= last; i++ {
		centres = append(centres, plotter.XY{X: l.centre(i), Y: effective[i]})
	}
	line, err := plotter.NewLine(centres)
	if err != nil {
		return err
	}
	line.Color, line.Width = effectiveColour, vg.Points(1.2)
	p.Add(bars, line)
	return nil
}

// share returns a density whose sum is 1; one without any data stays 0.
func share(density []float64) []float64 {
	scaled := append([]float64(nil), density...)
	if sum := floats.Sum(scaled); sum > 0 {
		floats.Scale(1/sum, scaled)
	}
	return scaled
}

// addLines draws a series as lines through the middle of neighbouring bins, broken where a bin has no value, with a point in
// each.
func addLines(p *plot.Plot, labels Labels, s Series) error {
	var run plotter.XYs
	points := dots{colour: Colour(s.Colour)}
	for i := range labels.Space.Bins + 1 {
		if i < labels.Space.Bins && s.has(i) {
			at := plotter.XY{X: labels.centre(i), Y: s.Values[i]}
			run, points.at, points.n = append(run, at), append(points.at, at), append(points.n, s.N[i])
			continue
		}
		if len(run) > 1 {
			line, err := plotter.NewLine(run)
			if err != nil {
				return err
			}
			line.Color, line.Width = Colour(s.Colour), vg.Points(0.9)
			p.Add(line)
		}
		run = nil
	}
	p.Add(points)
	return nil
}
