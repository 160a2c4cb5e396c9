package charts

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

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
		{"smaller error than " + baseline, opaque(Colour(gainColour))}, {"larger error", opaque(Colour(lossColour))},
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
