package charts

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

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
	colour color.Color
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

// ruler draws a horizontal line at each labelled tick of the vertical axis.
type ruler struct{}

func (ruler) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if tick.IsMinor() || tick.Value < p.Y.Min || tick.Value > p.Y.Max {
			continue
		}
		y := toY(tick.Value)
		c.StrokeLine2(draw.LineStyle{Color: Mist, Width: vg.Points(0.5)}, c.Min.X, y, c.Max.X, y)
	}
}

// roundTicks are three to seven labelled ticks at multiples of 1, 2 or 5 times a power of ten; gonum's own may begin at
// 10 and go on with 50 and 90.
type roundTicks struct {
	whole bool // no fractions
}

// Ticks implements plot.Ticker.
func (t roundTicks) Ticks(low, high float64) (ticks []plot.Tick) {
	step := roundStep(high - low)
	if t.whole {
		step = max(step, 1)
	}
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		value := i*step + 0 // not -0
		label := strconv.FormatFloat(value, 'g', 6, 64)
		ticks = append(ticks, plot.Tick{Value: value, Label: strings.Replace(label, "-", "−", 1)})
	}
	return ticks
}

// roundStep is the smallest round number that divides a range into at most six parts.
func roundStep(span float64) float64 {
	if !(span > 0) || math.IsInf(span, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(span/6)))
	for _, factor := range []float64{1, 2, 5} {
		if span/(factor*power) <= 6 {
			return factor * power
		}
	}
	return 10 * power
}
