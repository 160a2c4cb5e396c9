package charts

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/datasets"
)

// regionColours are those of the strip that tells the shot regions apart, by [datasets.Region].
var regionColours = []color.RGBA{{0x3b, 0x4a, 0x5a, 0xff}, {0x8c, 0x9b, 0xaa, 0xff}, {0xf0, 0xb4, 0x9c, 0xff}}

// stripHeight is that of the strip, in points.
const stripHeight = 5

// Landscape is the ground on which curves over the label stand: the training density shaded, scaled to the height of the panel, and
// at the bottom a strip of shot regions.
type Landscape struct {
	Lower   []float64 // smallest label of each bin
	Width   float64   // of a bin
	Density []float64 // of each bin, any scale
	Regions []datasets.Region
}

// Plot draws it; it has no part in the range of the axes.
func (l Landscape) Plot(c draw.Canvas, p *plot.Plot) {
	toX, _ := p.Transforms(&c)
	most := 0.0
	for _, v := range l.Density {
		most = max(most, v)
	}
	for i, lower := range l.Lower {
		left, right := max(toX(lower), c.Min.X), min(toX(lower+l.Width), c.Max.X)
		if left >= right || l.Density[i] == 0 {
			continue
		}
		ground := c.Min.Y + stripHeight
		height := (c.Max.Y - ground) * vg.Length(0.95*l.Density[i]/most)
		fill(&c, Mist, left, right, ground, ground+height)
		fill(&c, regionColours[l.Regions[i]], left, right, c.Min.Y, ground)
	}
}

func fill(c *draw.Canvas, colour color.Color, left, right, bottom, top vg.Length) {
	c.FillPolygon(colour, []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}})
}

// extent is the range of labels with a density.
func (l Landscape) extent() (low, high float64) {
	found := false
	for i, lower := range l.Lower {
		if l.Density[i] == 0 {
			continue
		}
		if !found {
			low, found = lower, true
		}
		high = lower + l.Width
	}
	return low, high
}

// addTo explains the shading in a legend.
func (l Landscape) addTo(legend *plot.Legend) {
	legend.Add("training density", swatch(Mist))
	for i, region := range datasets.Regions {
		legend.Add(region.String()+"-shot", swatch(regionColours[i]))
	}
}

// swatch is a thumbnail of one colour.
type swatch color.RGBA

// Thumbnail fills most of the thumbnail's height.
func (s swatch) Thumbnail(c *draw.Canvas) {
	fill(c, color.RGBA(s), c.Min.X, c.Max.X, c.Min.Y+2, c.Max.Y-1)
}
