package charts

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// FeatureSeries are the similarities of features to an anchor's by label; those that are NaN are left out.
type FeatureSeries struct {
	Name           string
	Colour         int  // see [Colour]
	Dashed         bool // tells features after calibration from those before
	Label          []float64
	Mean, Variance []float64 // of the same length
}

// Features draws the similarity of feature means over that of variances against the label, as figures 4 and 6 of Yang
// et al. 2021, on the training labels, with the anchor marked.
func Features(title string, anchor float64, labels Labels, series []FeatureSeries) Grid {
	under := ground{regionStrip: regionStrip{Labels: labels}}
	under.first, under.last = labels.shown(nil)
	grid := Grid{Legend: NewLegend(), LegendWidth: 165, Size: Size{640, 420}}
	for _, s := range series {
		grid.Legend.Add(s.Name, s.line(nil))
	}
	grid.Legend.Add("anchor", anchorLine(anchor))
	for _, e := range under.key() {
		grid.Legend.Add(e.Name, swatch{e.Colour})
	}

	means := featurePanel(title, "", "cosine of means", anchor, under, series,
		func(s FeatureSeries) []float64 { return s.Mean })
	variances := featurePanel("", labels.Name, "cosine of variances", anchor, under, series,
		func(s FeatureSeries) []float64 { return s.Variance })
	grid.Panels = [][]*plot.Plot{{means}, {variances}}
	return grid
}

func featurePanel(title, x, y string, anchor float64, under ground, series []FeatureSeries,
	of func(FeatureSeries) []float64) *plot.Plot {
	p := New(title, x, y)
	p.Y.Padding = 0
	p.Add(under, anchorLine(anchor))
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range series {
		var points plotter.XYs
		for i, v := range of(s) {
			if !math.IsNaN(v) {
				points = append(points, plotter.XY{X: s.Label[i], Y: v})
				low, high = min(low, v), max(high, v)
			}
		}
		p.Add(s.line(points))
	}
	if under.first <= under.last {
		p.X.Min, p.X.Max = under.Space.Lower(under.first), under.Space.Lower(under.last+1)
	}
	if low > high { // nothing to draw
		low, high = 0, 1
	}
	// Room for the strip below the curves.
	p.Y.Min, p.Y.Max = low-0.08*(high-low), high+0.03*(high-low)
	return p
}

// line joins the points, in the series' colour.
func (s FeatureSeries) line(points plotter.XYs) *plotter.Line {
	line := &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: Colour(s.Colour), Width: vg.Points(1.4)}}
	if s.Dashed {
		line.Dashes = []vg.Length{4, 2.5}
	}
	return line
}

// anchorLine is a vertical line at a label.
type anchorLine float64

var anchorStyle = draw.LineStyle{Color: Ink, Width: vg.Points(0.8), Dashes: []vg.Length{1.5, 2}}

// Plot draws the line over the height of the panel.
func (a anchorLine) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	c.StrokeLine2(anchorStyle, toX(float64(a)), c.Min.Y, toX(float64(a)), c.Max.Y)
}

// Thumbnail draws it in a legend.
func (a anchorLine) Thumbnail(c *draw.Canvas) {
	c.StrokeLine2(anchorStyle, c.Center().X, c.Min.Y, c.Center().X, c.Max.Y)
}
