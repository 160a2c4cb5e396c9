package charts

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

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
