package charts

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// zeroLine is the line at 0.
type zeroLine struct{}

func (zeroLine) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: Ink, Width: vg.Points(0.75)}, c.Min.X, toY(0), c.Max.X, toY(0))
}

// dots are filled circles whose areas grow with numbers of samples, drawn as one path.
type dots struct {
	colour color.RGBA
	at     plotter.XYs
	n      []int // samples of each
}

func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	most := float64(slices.Max(append(d.n, 1)))
	var path vg.Path
	for i, xy := range d.at {
		centre, radius := vg.Point{X: toX(xy.X), Y: toY(xy.Y)}, vg.Length(0.7+1.6*math.Sqrt(float64(d.n[i])/most))
		path.Move(vg.Point{X: centre.X + radius, Y: centre.Y})
		path.Arc(centre, radius, 0, 2*math.Pi)
		path.Close()
	}
	c.SetColor(d.colour)
	c.Fill(path)
}

// DataRange implements plot.DataRanger.
func (d dots) DataRange() (xmin, xmax, ymin, ymax float64) { return plotter.XYRange(d.at) }

// diagonal is where predictions are right.
type diagonal struct{}

func (diagonal) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	low, high := max(p.X.Min, p.Y.Min), min(p.X.Max, p.Y.Max)
	c.StrokeLine2(draw.LineStyle{Color: Ink, Width: vg.Points(0.75)}, toX(low), toY(low), toX(high), toY(high))
}
