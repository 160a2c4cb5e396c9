package charts

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"io"
	"math"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Paint is a colour with the class by which a page replaces it.
type Paint struct {
	color.NRGBA
	Class string
}

// Opacity is the share of what lies below that the paint covers.
func (p Paint) Opacity() float64 { return float64(p.A) / 0xff }

// WriteInline draws one panel as an SVG element for a page: as wide as there is room, in the page's letters, each shape
// with the class of its paint, whose CSS color it has.
func (f Figure) WriteInline(w io.Writer, panel int) error {
	alone := Figure{Panels: f.Panels[panel : panel+1], Across: 1, Panel: f.Panel}
	size := alone.size()
	c := newInline(size)
	alone.drawPanels(draw.New(c))
	_, err := fmt.Fprintf(w, "<svg viewBox=\"0 0 %s %s\" aria-hidden=\"true\">\n%s</svg>", points(size.Width.Points()),
		points(size.Height.Points()), c.out.String())
	return err
}

// inline is a canvas that writes SVG elements in the coordinates of the page, y downwards.
type inline struct {
	inlineState
	size  Size
	stack []inlineState
	out   bytes.Buffer
}

// inlineState is what Push keeps.
type inlineState struct {
	paint  color.Color
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	m      [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
}

func newInline(size Size) *inline {
	c := &inline{size: size, inlineState: inlineState{m: [6]float64{1, 0, 0, -1, 0, size.Height.Points()}}}
	vg.Initialize(c)
	return c
}

func (c *inline) Size() (x, y vg.Length)   { return c.size.Width, c.size.Height }
func (c *inline) SetLineWidth(w vg.Length) { c.width = w }
func (c *inline) SetLineDash(dashes []vg.Length, offset vg.Length) {
	c.dashes, c.offset = dashes, offset
}
func (c *inline) SetColor(paint color.Color) { c.paint = paint }
func (c *inline) Push()                      { c.stack = append(c.stack, c.inlineState) }

func (c *inline) Pop() {
	last := len(c.stack) - 1
	c.inlineState, c.stack = c.stack[last], c.stack[:last]
}

func (c *inline) Rotate(angle float64) {
	sin, cos := math.Sincos(angle)
	c.transform([6]float64{cos, sin, -sin, cos, 0, 0})
}

func (c *inline) Translate(by vg.Point) {
	c.transform([6]float64{1, 0, 0, 1, by.X.Points(), by.Y.Points()})
}

func (c *inline) Scale(x, y float64) { c.transform([6]float64{x, 0, 0, y, 0, 0}) }

// transform lets a transformation act before the present ones.
func (c *inline) transform(t [6]float64) {
	m := c.m
	c.m = [6]float64{
		m[0]*t[0] + m[2]*t[1], m[1]*t[0] + m[3]*t[1], m[0]*t[2] + m[2]*t[3], m[1]*t[2] + m[3]*t[3],
		m[0]*t[4] + m[2]*t[5] + m[4], m[1]*t[4] + m[3]*t[5] + m[5],
	}
}

// Stroke implements vg.Canvas.
func (c *inline) Stroke(p vg.Path) {
	if c.width <= 0 {
		return
	}
	dashes := ""
	for i, d := range c.dashes {
		dashes += map[bool]string{true: " "}[i > 0] + points(d.Points())
	}
	if dashes != "" {
		dashes = fmt.Sprintf(` stroke-dasharray="%s" stroke-dashoffset="%s"`, dashes, points(c.offset.Points()))
	}
	fmt.Fprintf(&c.out, "<path d=\"%s\" fill=\"none\"%s stroke-width=\"%s\"%s/>\n", c.path(p), c.painted("stroke"),
		points(c.width.Points()), dashes)
}

// Fill implements vg.Canvas.
func (c *inline) Fill(p vg.Path) {
	fmt.Fprintf(&c.out, "<path d=\"%s\"%s/>\n", c.path(p), c.painted("fill"))
}

// FillString implements vg.Canvas.
func (c *inline) FillString(f font.Face, at vg.Point, text string) {
	x, y := c.at(at)
	turned := ""
	if angle := math.Atan2(c.m[1], c.m[0]) * 180 / math.Pi; math.Abs(angle) > 1e-6 {
		turned = fmt.Sprintf(` transform="rotate(%s %s %s)"`, points(angle), points(x), points(y))
	}
	fmt.Fprintf(&c.out, "<text x=\"%s\" y=\"%s\"%s font-size=\"%s\"%s>%s</text>\n", points(x), points(y), turned,
		points(f.Font.Size.Points()), c.painted("fill"), html.EscapeString(text))
}

// DrawImage implements vg.Canvas. No figure of a page has images.
func (c *inline) DrawImage(vg.Rectangle, image.Image) {
	panic("charts: an image in a figure of a page")
}

// painted returns the attributes of the present paint, for "fill" or "stroke".
func (c *inline) painted(what string) string {
	paint, ok := c.paint.(Paint)
	text := fmt.Sprintf(` class="%s" %s="currentColor"`, paint.Class, what)
	if !ok {
		plain := color.Black
		if c.paint != nil {
			paint.NRGBA = color.NRGBAModel.Convert(c.paint).(color.NRGBA)
		} else {
			paint.NRGBA = color.NRGBAModel.Convert(plain).(color.NRGBA)
		}
		text = fmt.Sprintf(` %s="#%02x%02x%02x"`, what, paint.R, paint.G, paint.B)
	}
	if paint.A < 0xff {
		text += fmt.Sprintf(` %s-opacity="%s"`, what, points(paint.Opacity()))
	}
	return text
}

// at returns a point on the page.
func (c *inline) at(p vg.Point) (x, y float64) {
	px, py := p.X.Points(), p.Y.Points()
	return c.m[0]*px + c.m[2]*py + c.m[4], c.m[1]*px + c.m[3]*py + c.m[5]
}

func (c *inline) path(p vg.Path) string {
	var b strings.Builder
	put := func(command string, list ...vg.Point) {
		b.WriteString(command)
		for i, p := range list {
			if i > 0 {
				b.WriteString(" ")
			}
			x, y := c.at(p)
			b.WriteString(points(x) + "," + points(y))
		}
	}
	for _, part := range p {
		switch part.Type {
		case vg.MoveComp:
			put("M", part.Pos)
		case vg.LineComp:
			put("L", part.Pos)
		case vg.ArcComp:
			putArc(put, part)
		case vg.CurveComp:
			put(map[int]string{1: "Q", 2: "C"}[len(part.Control)],
				append(part.Control[:len(part.Control):len(part.Control)], part.Pos)...)
		case vg.CloseComp:
			put("Z")
		}
	}
	return b.String()
}

// putArc draws an arc as cubic curves of at most a quarter of a circle, with control points at 4/3 tan(angle/4) radii.
func putArc(put func(string, ...vg.Point), arc vg.PathComp) {
	parts := max(1, math.Ceil(math.Abs(arc.Angle)/(math.Pi/2)))
	step := arc.Angle / parts
	reach := arc.Radius * vg.Length(4./3*math.Tan(step/4))
	on := func(angle float64, along vg.Length) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{X: arc.Pos.X + arc.Radius*vg.Length(cos) - along*vg.Length(sin),
			Y: arc.Pos.Y + arc.Radius*vg.Length(sin) + along*vg.Length(cos)}
	}
	put("L", on(arc.Start, 0))
	for i := range int(parts) {
		from := arc.Start + float64(i)*step
		put("C", on(from, reach), on(from+step, -reach), on(from+step, 0))
	}
}

// points prints a coordinate with at most two decimals.
func points(v float64) string {
	text := strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}
