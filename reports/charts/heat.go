package charts

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/brewer"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports/analysis"
)

// Heat is a panel of a heat map: a value for each row and column, NaN where there is none.
type Heat struct {
	Title         string
	X, Y          string // what columns and rows are
	Columns, Rows []string
	Values        [][]float64 // [rows][columns]
}

// HeatMap draws panels side by side on one scale of colours, the value printed in each cell and the best one framed. A
// cell without a value stays blank. Name is what the values are: "MAE Few (years)".
func HeatMap(title, name string, higherIsBetter bool, decimals int, heats []Heat) Grid {
	scale := newHeatScale(heats, higherIsBetter, decimals)
	grid := Grid{Panels: [][]*plot.Plot{nil}, Legend: NewLegend(), LegendWidth: 96}
	rows, widest := 3, 64 // at least, for the axis titles
	for i, h := range heats {
		p := New(h.Title, h.X, "")
		if i == 0 {
			p.Y.Label.Text = h.Y
		}
		p.Title.TextStyle.Font.Size = 11
		p.Add(cells{h, scale})
		nominal(&p.X, h.Columns)
		nominal(&p.Y, h.Rows)
		grid.Panels[0] = append(grid.Panels[0], p)
		rows, widest = max(rows, len(h.Rows)), max(widest, h.width())
	}
	grid.Title = title + "\n" + name
	scale.addTo(grid.Legend)
	// Panels are equally wide.
	width := vg.Length(widest+44+labelWidth(heats[0].Rows)) * vg.Length(len(heats))
	grid.Size = Size{max(width+grid.LegendWidth, 360), vg.Length(rows*heatCellHeight + 110)}
	return grid
}

// The least width of a cell, its height and the width of a character of a label, in points.
const (
	heatCellWidth  = 52
	heatCellHeight = 30
	characterWidth = 5
)

// width is that of the panel's cells.
func (h Heat) width() int { return len(h.Columns) * max(heatCellWidth, 8+labelWidth(h.Columns)) }

// labelWidth is the width of the longest label.
func labelWidth(labels []string) int {
	width := 0
	for _, l := range labels {
		width = max(width, characterWidth*utf8.RuneCountInString(l))
	}
	return width
}

// nominal names whole positions of an axis.
func nominal(axis *plot.Axis, names []string) {
	ticks := make(plot.ConstantTicks, len(names))
	for i, name := range names {
		ticks[i] = plot.Tick{Value: float64(i), Label: name}
	}
	axis.Min, axis.Max, axis.Tick.Marker = -0.5, float64(len(names))-0.5, ticks
	axis.Tick.Length, axis.Width, axis.Padding = 0, 0, 0
}

// heatScale maps values to colours: ColorBrewer's YlGnBu (Harrower and Brewer 2003), whose lightness falls evenly, so
// that order is seen by any eye and in print. The best value is the darkest.
type heatScale struct {
	low, high float64
	higher    bool
	decimals  int
	colours   []color.Color // from light to dark
}

func newHeatScale(heats []Heat, higher bool, decimals int) heatScale {
	s := heatScale{low: math.Inf(1), high: math.Inf(-1), higher: higher, decimals: decimals}
	for _, h := range heats {
		for _, row := range h.Values {
			for _, v := range row {
				if !math.IsNaN(v) {
					s.low, s.high = min(s.low, v), max(s.high, v)
				}
			}
		}
	}
	shades, err := brewer.GetPalette(brewer.TypeSequential, "YlGnBu", 9)
	if err != nil {
		panic(err) // the palette exists
	}
	s.colours = shades.Colors()
	return s
}

func (s heatScale) best() float64 {
	if s.higher {
		return s.high
	}
	return s.low
}

// colour interpolates between the shades.
func (s heatScale) colour(v float64) color.RGBA {
	at := 0.5
	if s.high > s.low {
		at = (v - s.low) / (s.high - s.low)
	}
	if !s.higher {
		at = 1 - at
	}
	at *= float64(len(s.colours) - 1)
	i := min(int(at), len(s.colours)-2)
	r1, g1, b1, _ := s.colours[i].RGBA()
	r2, g2, b2, _ := s.colours[i+1].RGBA()
	mix := func(x, y uint32) uint8 { return uint8((float64(x) + (at-float64(i))*(float64(y)-float64(x))) / 257) }
	return color.RGBA{mix(r1, r2), mix(g1, g2), mix(b1, b2), 0xff}
}

func (s heatScale) text(v float64) string { return fmt.Sprintf("%.*f", s.decimals, v) }

// addTo explains the colours in five steps from the best value to the worst.
func (s heatScale) addTo(legend *plot.Legend) {
	if s.low > s.high {
		return
	}
	worst := s.low + s.high - s.best()
	const steps = 5
	for i := range steps {
		v := s.best() + float64(i)/(steps-1)*(worst-s.best())
		name := s.text(v)
		if i == 0 {
			name += " best"
		}
		legend.Add(name, swatch{s.colour(v)})
	}
}

// cells draws a panel.
type cells struct {
	Heat
	scale heatScale
}

// Plot draws the cells that have a value, those of the first row at the bottom.
func (h cells) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	for i, row := range h.Values {
		for j, v := range row {
			if math.IsNaN(v) {
				continue
			}
			left, right := toX(float64(j)-0.5)+0.5, toX(float64(j)+0.5)-0.5
			bottom, top := toY(float64(i)-0.5)+0.5, toY(float64(i)+0.5)-0.5
			colour := h.scale.colour(v)
			fill(&c, colour, left, right, bottom, top)
			ink := readable(colour)
			if v == h.scale.best() {
				frame(&c, ink, left+2, right-2, bottom+2, top-2)
			}
			style := text.Style{Color: ink, Font: p.X.Tick.Label.Font, XAlign: draw.XCenter, YAlign: draw.YCenter,
				Handler: p.TextHandler}
			c.FillText(style, vg.Point{X: (left + right) / 2, Y: (bottom + top) / 2}, h.scale.text(v))
		}
	}
}

func frame(c *draw.Canvas, ink color.Color, left, right, bottom, top vg.Length) {
	c.StrokeLines(draw.LineStyle{Color: ink, Width: vg.Points(1)},
		[]vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}, {X: left, Y: bottom}})
}

// readable returns black or white, whichever contrasts more with a ground, by its relative luminance (ITU-R BT.709,
// gamma 2.2).
func readable(ground color.RGBA) color.Color {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	if 0.2126*linear(ground.R)+0.7152*linear(ground.G)+0.0722*linear(ground.B) > 0.18 {
		return color.Black
	}
	return color.White
}

// Ablation draws the comparison's metric in its region as a heat map: for one kernel that varies a panel of ks by σ for
// each kind, for two a single panel of one by the other.
func Ablation(a analysis.Ablation) Grid {
	column := a.Column()
	name := a.ColumnName()
	if column.Unit != "" {
		name += " (" + column.Unit + ")"
	}
	varying, _ := a.Varying()
	var heats []Heat
	if len(varying) > 1 {
		heats = []Heat{crossed(a, varying[0], varying[1])}
	} else {
		for _, kind := range analysis.Kinds {
			if h := ofKind(a, varying[0], kind); len(h.Rows) > 0 {
				heats = append(heats, h)
			}
		}
	}
	return HeatMap(a.Title+"\nkernels of "+a.Method, name, column.Higher, column.Decimals, heats)
}

// noSigma is the column of a kernel that has none.
const noSigma = "—"

// ofKind is the panel of one kind of kernel.
func ofKind(a analysis.Ablation, p analysis.Smoother, kind string) Heat {
	var sizes []int
	var sigmas []float64
	for _, r := range a.Rows {
		if k := p.Of(r); k.Kind == kind {
			sizes, sigmas = append(sizes, k.Size), append(sigmas, sigmaOf(*k))
		}
	}
	slices.Sort(sizes)
	slices.Sort(sigmas)
	sizes, sigmas = slices.Compact(sizes), slices.Compact(sigmas)
	h := Heat{Title: kind, X: "σ", Y: "ks of " + p.Name, Values: blank(len(sizes), len(sigmas))}
	for _, s := range sizes {
		h.Rows = append(h.Rows, strconv.Itoa(s))
	}
	for _, s := range sigmas {
		h.Columns = append(h.Columns, sigmaText(s))
	}
	for _, r := range a.Rows {
		if k := p.Of(r); k.Kind == kind {
			h.Values[slices.Index(sizes, k.Size)][slices.Index(sigmas, sigmaOf(*k))] = a.Value(r)
		}
	}
	return h
}

// sigmaOf is 0 for a kernel without sigma.
func sigmaOf(k kernel.Kernel) float64 {
	if k.Kind == kernel.Triangle {
		return 0
	}
	return k.Sigma
}

func sigmaText(sigma float64) string {
	if sigma == 0 {
		return noSigma
	}
	return strconv.FormatFloat(sigma, 'g', 6, 64)
}

// crossed is the panel of all kernels of one smoother by those of another, "gaussian 5/2" with ks and σ, in the order
// of the rows.
func crossed(a analysis.Ablation, y, x analysis.Smoother) Heat {
	h := Heat{X: x.Name + " kernel ks/σ", Y: y.Name + " kernel ks/σ"}
	index := func(list *[]string, k kernel.Kernel) int {
		text := k.Kind + " " + strconv.Itoa(k.Size)
		if sigma := sigmaOf(k); sigma > 0 {
			text += "/" + sigmaText(sigma)
		}
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
		return slices.Index(*list, text)
	}
	for _, r := range a.Rows {
		index(&h.Rows, *y.Of(r))
		index(&h.Columns, *x.Of(r))
	}
	h.Values = blank(len(h.Rows), len(h.Columns))
	for _, r := range a.Rows {
		h.Values[index(&h.Rows, *y.Of(r))][index(&h.Columns, *x.Of(r))] = a.Value(r)
	}
	return h
}

func blank(rows, columns int) [][]float64 {
	values := make([][]float64, rows)
	for i := range values {
		values[i] = slices.Repeat([]float64{math.NaN()}, columns)
	}
	return values
}
