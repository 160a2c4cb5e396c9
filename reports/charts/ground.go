package charts

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/datasets"
)

// ground is what curves over the labels stand on: the training labels of each bin as shaded bars, if wanted also the effective
// density as a line, both as shares of their sum on one scale whose peak fills the panel, and below them the strip of shot regions.
// It has no part in the range of the axes.
type ground struct {
	regionStrip
	effective bool
}

// effectiveColour draws the effective density.
var effectiveColour = faint(Ink, 0x70)

// Plot implements plot.Plotter.
func (g ground) Plot(c draw.Canvas, p *plot.Plot) {
	if g.first > g.last {
		return
	}
	empirical, effective := share(g.Empirical), share(g.Effective)
	peak := floats.Max(empirical)
	if g.effective {
		peak = max(peak, floats.Max(effective))
	}
	toX, _ := p.Transforms(&c)
	base := stripTop(c)
	at := func(x, density float64) vg.Point {
		if peak == 0 {
			return vg.Point{X: toX(x), Y: base}
		}
		return vg.Point{X: toX(x), Y: base + vg.Length(density/peak)*(c.Max.Y-base)}
	}
	outline := plotted(g.steps(g.first, g.last, func(bin int) float64 { return empirical[bin] }), at)
	c.FillPolygon(Mist, outline)
	if g.effective {
		var centres plotter.XYs
		for i := g.first; i <= g.last; i++ {
			centres = append(centres, plotter.XY{X: g.centre(i), Y: effective[i]})
		}
		c.StrokeLines(draw.LineStyle{Color: effectiveColour, Width: vg.Points(1.2)}, plotted(centres, at))
	}
	g.regionStrip.Plot(c, p)
}

func plotted(points plotter.XYs, at func(x, y float64) vg.Point) []vg.Point {
	list := make([]vg.Point, len(points))
	for i, xy := range points {
		list[i] = at(xy.X, xy.Y)
	}
	return list
}

// share returns a density whose sum is 1; one without any data stays 0.
func share(density []float64) []float64 {
	scaled := append([]float64(nil), density...)
	if sum := floats.Sum(scaled); sum > 0 {
		floats.Scale(1/sum, scaled)
	}
	return scaled
}

// key explains the ground.
func (g ground) key() []KeyEntry {
	key := []KeyEntry{{"training labels", opaque(Mist)}}
	if g.effective {
		key = append(key, KeyEntry{"effective density (LDS)", effectiveColour})
	}
	return append(key, regionKey()...)
}

// regionStrip marks the shot region of each bin along the bottom of a panel.
type regionStrip struct {
	Labels
	first, last int
}

// stripShare is the strip's part of a panel's height.
const stripShare = 0.035

func stripTop(c draw.Canvas) vg.Length { return c.Min.Y + stripShare*(c.Max.Y-c.Min.Y) }

// Plot implements plot.Plotter.
func (r regionStrip) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	for i := r.first; i <= r.last; {
		next := i + 1
		for next <= r.last && r.Regions[next] == r.Regions[i] {
			next++
		}
		c.SetColor(RegionColour(r.Regions[i]))
		c.Fill(rectangle(toX(r.Space.Lower(i)), c.Min.Y, toX(r.Space.Lower(next)), stripTop(c)))
		i = next
	}
}

// regionKey explains the strip.
func regionKey() (key []KeyEntry) {
	for _, r := range datasets.Regions {
		key = append(key, KeyEntry{r.String() + "-shot", opaque(RegionColour(r))})
	}
	return key
}
