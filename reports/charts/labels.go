package charts

import (
	"fmt"
	"image/color"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

// Labels is the axis that figures by bin share: the bins of a label space, with the training data in each.
type Labels struct {
	Name      string // axis title: "age (years)"
	Space     datasets.LabelSpace
	Regions   []datasets.Region // of each bin
	Empirical []float64         // training samples of each bin
	Effective []float64         // the same, smoothed as by LDS
}

// NewLabels returns the axis of a dataset, whose effective density is smoothed as given.
func NewLabels(d store.Dataset, s analysis.Smoothing) Labels {
	return Labels{
		Name: analysis.LabelName(d.LabelSpace), Space: d.LabelSpace, Regions: d.Shots.Regions(d.TrainCounts),
		Empirical: analysis.Empirical(d.TrainCounts), Effective: s.Effective(d.TrainCounts),
	}
}

// check refuses what would be drawn in the wrong place.
func (l Labels) check(series []Series) error {
	n := l.Space.Bins
	if len(l.Regions) != n || len(l.Empirical) != n || len(l.Effective) != n {
		return fmt.Errorf("figure by %s: %d regions, %d and %d densities: expected one for each of the %d bins",
			l.Name, len(l.Regions), len(l.Empirical), len(l.Effective), n)
	}
	for _, s := range series {
		if len(s.Values) != n || len(s.N) != n {
			return fmt.Errorf("figure by %s: %s has %d values of %d bins: expected %d", l.Name, s.Name, len(s.Values), len(s.N),
				n)
		}
	}
	if first, last := l.shown(series); first > last {
		return fmt.Errorf("figure by %s: no data in any bin", l.Name)
	}
	return nil
}

// shown returns the first and the last bin that have training data or a value.
func (l Labels) shown(series []Series) (first, last int) {
	first, last = l.Space.Bins, -1
	for i := range l.Space.Bins {
		used := l.Empirical[i] > 0
		for _, s := range series {
			used = used || s.has(i)
		}
		if used {
			first, last = min(first, i), i
		}
	}
	return first, last
}

// regionColours are those of the shot regions, by [datasets.Region].
var regionColours = []color.NRGBA{{0x3b, 0x4a, 0x5a, 0xff}, {0x8c, 0x9b, 0xaa, 0xff}, {0xf0, 0xb4, 0x9c, 0xff}}

// RegionColour is that of a shot region wherever one is marked.
func RegionColour(r datasets.Region) Paint { return Paint{regionColours[r], "shot-" + r.String()} }

// faint returns a colour that covers a part of what lies below it, 0 to 255.
func faint(p Paint, alpha uint8) Paint {
	p.A = alpha
	return p
}

// steps returns the outline of bars over the bins, which touch one another, from the base line and back to it.
func (l Labels) steps(first, last int, height func(bin int) float64) plotter.XYs {
	line := plotter.XYs{{X: l.Space.Lower(first)}}
	for i := first; i <= last; i++ {
		line = append(line, plotter.XY{X: l.Space.Lower(i), Y: height(i)}, plotter.XY{X: l.Space.Lower(i + 1), Y: height(i)})
	}
	return append(line, plotter.XY{X: l.Space.Lower(last + 1)})
}

// centre is the middle of a bin.
func (l Labels) centre(bin int) float64 { return l.Space.Middle(bin) }

// ground is what curves over the labels stand on: the training labels of each bin as shaded bars, if wanted also the
// effective density as a line, both as shares of their sum on one scale whose peak fills the panel, and below them the
// strip of shot regions. It has no part in the range of the axes.
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
	key := []KeyEntry{{"training labels", Mist}}
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
		key = append(key, KeyEntry{r.String() + "-shot", RegionColour(r)})
	}
	return key
}
