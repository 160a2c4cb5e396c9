package charts

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// RankDiagram is what a critical-difference diagram shows.
type RankDiagram struct {
	Title      string
	Methods    []string  // in ascending order of rank
	MeanRanks  []float64 // of each, 1 for the best
	Difference float64   // critical difference, drawn as a ruler; 0 draws none
	Cliques    [][2]int  // groups that do not differ, by first and last method
}

// The rows of a diagram, in units of one row of labels: the axis lies at 0, the methods below it, the ruler above.
const (
	rulerRow   = 1.7
	tickLength = 0.18
	cliqueStep = 0.4
)

// size is as high as labels and bars need.
func (d RankDiagram) size() Size { return Size{480, vg.Length(d.top()+d.bottom())*22 + 12} }

// Ranks draws the diagram of Demšar (JMLR 2006, figure 1): methods on an axis of mean ranks, the best at the left, bars
// over those that do not differ significantly.
func Ranks(d RankDiagram) Figure {
	p := New("", "", "")
	p.HideAxes()
	p.X.Padding, p.Y.Padding = 0, 0
	k := float64(len(d.Methods))
	margin := 0.42 * max(k-1, 1) // of labels
	p.X.Min, p.X.Max = 1-margin, k+margin
	p.Y.Min, p.Y.Max = -d.bottom(), d.top()
	p.Add(d)
	return Figure{Title: d.Title, Panels: []*plot.Plot{p}, Across: 1, Panel: d.size()}
}

// top and bottom are the distances from the axis to the ends of the figure.
func (d RankDiagram) top() float64 {
	if d.Difference > 0 {
		return rulerRow + 0.9
	}
	return 1
}

func (d RankDiagram) bottom() float64 { return d.firstLabel() + float64((len(d.Methods)+1)/2) - 0.4 }

// firstLabel is the depth of the first row of labels, below all bars.
func (d RankDiagram) firstLabel() float64 { return 0.8 + cliqueStep*float64(d.levels()) }

// Plot implements plot.Plotter.
func (d RankDiagram) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	b := rankBrush{c: c, x: x, y: y, style: p.X.Tick.Label}
	d.axis(b)
	d.labels(b)
	for i, level := range d.cliqueLevels() {
		from, to := d.MeanRanks[d.Cliques[i][0]], d.MeanRanks[d.Cliques[i][1]]
		depth := -cliqueStep * float64(level+1)
		b.line(Colour(0), 4, plotter.XY{X: from - 0.02, Y: depth}, plotter.XY{X: to + 0.02, Y: depth})
	}
}

// axis draws the scale of ranks and the ruler above it.
func (d RankDiagram) axis(b rankBrush) {
	k := len(d.Methods)
	b.line(Ink, 1, plotter.XY{X: 1, Y: 0}, plotter.XY{X: float64(k), Y: 0})
	for rank := 1; rank <= k; rank++ {
		at := float64(rank)
		b.line(Ink, 1, plotter.XY{X: at, Y: 0}, plotter.XY{X: at, Y: tickLength})
		b.text(fmt.Sprint(rank), at, tickLength+0.1, text.XCenter, text.YBottom)
	}
	if d.Difference <= 0 {
		return
	}
	end := 1 + d.Difference
	b.line(Ink, 1, plotter.XY{X: 1, Y: rulerRow}, plotter.XY{X: end, Y: rulerRow})
	for _, at := range []float64{1, end} {
		b.line(Ink, 1, plotter.XY{X: at, Y: rulerRow - tickLength/2}, plotter.XY{X: at, Y: rulerRow + tickLength/2})
	}
	b.text(fmt.Sprintf("critical difference %.2f", d.Difference), 1, rulerRow+0.15, text.XLeft, text.YBottom)
}

// labels names the better half of the methods at the left and the others at the right, the outermost ones on top.
func (d RankDiagram) labels(b rankBrush) {
	k := len(d.Methods)
	for i, method := range d.Methods {
		rank := d.MeanRanks[i]
		side, align, row, name := 1-0.06*float64(k-1), text.XRight, i, fmt.Sprintf("%s  %.2f ", method, rank)
		if i >= (k+1)/2 {
			side, align, row, name = float64(k)+0.06*float64(k-1), text.XLeft, k-1-i, fmt.Sprintf(" %.2f  %s", rank, method)
		}
		depth := -d.firstLabel() - float64(row)
		b.line(Ink, 0.75, plotter.XY{X: rank, Y: 0}, plotter.XY{X: rank, Y: depth}, plotter.XY{X: side, Y: depth})
		b.text(name, side, depth, align, text.YCenter)
	}
}

// cliqueLevels stacks the bars: one that overlaps another, or touches it, lies below.
func (d RankDiagram) cliqueLevels() []int {
	levels := make([]int, len(d.Cliques))
	var ends []int // last method of each level
	for i, c := range d.Cliques {
		level := 0
		for level < len(ends) && ends[level] >= c[0] {
			level++
		}
		if level == len(ends) {
			ends = append(ends, 0)
		}
		levels[i], ends[level] = level, c[1]
	}
	return levels
}

func (d RankDiagram) levels() int {
	n := 0
	for _, level := range d.cliqueLevels() {
		n = max(n, level+1)
	}
	return n
}

// rankBrush draws in ranks and rows.
type rankBrush struct {
	c     draw.Canvas
	x, y  func(float64) vg.Length
	style draw.TextStyle
}

func (b rankBrush) line(ink color.Color, width vg.Length, points ...plotter.XY) {
	on := make([]vg.Point, len(points))
	for i, p := range points {
		on[i] = vg.Point{X: b.x(p.X), Y: b.y(p.Y)}
	}
	b.c.StrokeLines(draw.LineStyle{Color: ink, Width: width}, on)
}

func (b rankBrush) text(s string, x, y float64, h text.XAlignment, v text.YAlignment) {
	style := b.style
	style.Color, style.XAlign, style.YAlign = Ink, h, v
	b.c.FillText(style, vg.Point{X: b.x(x), Y: b.y(y)}, s)
}
