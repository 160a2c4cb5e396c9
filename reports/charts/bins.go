package charts

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports/analysis"
)

// Series is a value for each bin; NaN where there is none. Colour is that of [Colour].
type Series struct {
	Name   string
	Colour int
	Values []float64
	N      []int // samples behind each value
}

// ErrorSeries returns the errors of a method by bin.
func ErrorSeries(name string, colour int, bins []analysis.Bin, metric metrics.Metric) Series {
	s := Series{Name: name, Colour: colour}
	for _, b := range bins {
		s.Values, s.N = append(s.Values, float64(b.Error(metric))), append(s.N, b.N)
	}
	return s
}

func (s Series) has(bin int) bool { return !math.IsNaN(s.Values[bin]) }

// ErrorByBin draws the error of methods by bin before the density of training labels: as shaded bars the empirical one,
// as a line the effective one, both as shares of their sum and on one scale. A point is the larger the more samples its
// bin has; a strip below marks the shot regions. metric titles the axis.
func ErrorByBin(title, metric string, labels Labels, series []Series) (Figure, error) {
	if err := labels.check(series); err != nil {
		return Figure{}, err
	}
	p := newPanel("", labels.Name, metric)
	first, last := labels.shown(series)
	top := largest(series) * 1.05
	under := ground{regionStrip{labels, first, last}, true}
	p.Add(under)
	var key []KeyEntry
	for _, s := range series {
		if err := addLines(p, labels, s); err != nil {
			return Figure{}, err
		}
		key = append(key, KeyEntry{s.Name, Colour(s.Colour)})
	}
	p.X.Min, p.X.Max = labels.Space.Lower(first), labels.Space.Lower(last+1)
	p.Y.Min, p.Y.Max = -stripShare/(1-stripShare)*top, top
	return Figure{Title: title, Panels: []*plot.Plot{p}, Across: 1, Panel: panelWide, Key: append(key, under.key()...)},
		nil
}

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

// addLines draws a series as lines through the middle of neighbouring bins, broken where a bin has no value, with a
// point in each.
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

// Gain and loss have colours that do not depend on the method.
const (
	gainColour = 0
	lossColour = 1
)

// GainByBin draws by how much the error of each method is below that of a baseline, bin by bin, a panel for each: bars
// upwards are gains, downwards losses. unit titles the axis.
func GainByBin(title, baseline, unit string, labels Labels, gains []Series) (Figure, error) {
	if err := labels.check(gains); err != nil {
		return Figure{}, err
	}
	f := Figure{Title: title, Across: 1, Panel: panelWide}
	if len(gains) > 1 {
		f.Across, f.Panel = 2, panelHalf
	}
	low, high := extent(gains)
	first, last := labels.shown(gains)
	for _, s := range gains {
		p := newPanel("", labels.Name, unit)
		if len(gains) > 1 {
			p.Title.Text = s.Name
		}
		if err := addBars(p, labels, s); err != nil {
			return Figure{}, err
		}
		p.Add(zeroLine{}, regionStrip{labels, first, last})
		p.X.Min, p.X.Max = labels.Space.Lower(first), labels.Space.Lower(last+1)
		p.Y.Min, p.Y.Max = low-stripShare*1.5*(high-low), high
		f.Panels = append(f.Panels, p)
	}
	f.Key = append([]KeyEntry{
		{"smaller error than " + baseline, Colour(gainColour)}, {"larger error", Colour(lossColour)},
	}, regionKey()...)
	return f, nil
}

// extent returns the range of all values, around 0.
func extent(series []Series) (low, high float64) {
	for _, s := range series {
		for i, v := range s.Values {
			if s.has(i) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	if low == high {
		return -1, 1
	}
	return low - (high-low)*0.03, high + (high-low)*0.03
}

// addBars draws a bar for each bin, those of either sign in one shape.
func addBars(p *plot.Plot, labels Labels, s Series) error {
	for _, part := range []struct {
		sign   float64
		colour int
	}{{1, gainColour}, {-1, lossColour}} {
		any := false
		height := func(bin int) float64 {
			if !s.has(bin) || s.Values[bin]*part.sign <= 0 {
				return 0
			}
			any = true
			return s.Values[bin]
		}
		bars, err := plotter.NewPolygon(labels.steps(0, labels.Space.Bins-1, height))
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = Colour(part.colour), 0
		if any {
			p.Add(bars)
		}
	}
	return nil
}
