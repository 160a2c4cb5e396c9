// Package charts draws the figures of reports with gonum/plot, all in one style, as SVG or PNG.
package charts

import (
	"fmt"
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/dirbench/dirbench/runner/store"
)

// The colours of everything that is not data. Pages replace them to follow the reader's light or dark scheme.
var (
	Ink  = Paint{color.NRGBA{0x1f, 0x23, 0x28, 0xff}, "ink"}  // axes and text
	Mist = Paint{color.NRGBA{0xd1, 0xd9, 0xe0, 0xff}, "mist"} // grids and shaded densities
)

// palette is that of Okabe and Ito (2008), which readers with any colour vision tell apart; its black and yellow are
// left out, for they vanish on a dark or a white page.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff},
	{0xcc, 0x79, 0xa7, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
}

// Colours is the number of series that a figure can tell apart.
const Colours = 6

// Colour returns the colour of the ith series; they repeat after six.
func Colour(i int) Paint {
	i %= len(palette)
	return Paint{palette[i], fmt.Sprintf("series-%d", i)}
}

// Size of a figure, in points.
type Size struct{ Width, Height vg.Length }

// sans is the variant of the letters.
const sans = "Sans"

// New returns an empty figure in the style of all: no background, a title at the left, legend at the top right.
func New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Color, p.Legend.TextStyle.Color = Ink, Ink
	p.Title.TextStyle.Font.Variant, p.Legend.TextStyle.Font.Variant = sans, sans
	p.Title.Padding, p.Legend.Padding = 8, 2
	p.Legend.Top = true
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Label.TextStyle.Color = Ink, Ink
		axis.Tick.Color, axis.Tick.Label.Color = Ink, Ink
		axis.Label.TextStyle.Font.Variant, axis.Tick.Label.Font.Variant = sans, sans
		axis.Padding, axis.Tick.Marker = 4, roundTicks{}
	}
	return p
}

// save draws into a file, in the format that its name ends with: .svg or .png.
func save(path string, write func(w io.Writer, format string) error) error {
	format := strings.TrimPrefix(filepath.Ext(path), ".")
	if format != "svg" && format != "png" {
		return fmt.Errorf("%s: expected a name that ends in .svg or .png", path)
	}
	return store.WriteFile(path, func(w io.Writer) error { return write(w, format) })
}

// Figure is one or more panels with one key for all. A page with headings and keys of its own draws each panel by
// itself.
type Figure struct {
	Title  string
	Panels []*plot.Plot // row by row
	Across int          // panels in a row
	Panel  Size
	Key    []KeyEntry
}

// KeyEntry says what a colour stands for.
type KeyEntry struct {
	Name   string
	Colour Paint
}

// The sizes of panels. They are small beside their letters, so that a figure as wide as a phone can be read.
var (
	panelWide   = Size{380, 235}
	panelHalf   = Size{190, 220}
	panelSquare = Size{190, 205}
)

const (
	panelGap  = 12 // points between panels
	keyHeight = 16 // of a line of the key
	titleRoom = 22
	tickRoom  = 9 // beyond the axes, for the labels of ticks at their ends
)

// newPanel is New with letters that fit a small panel, and a grid of horizontal lines.
func newPanel(title, x, y string) *plot.Plot {
	p := New(title, x, y)
	p.Title.TextStyle.Font.Size, p.Title.Padding = 11, 6
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font.Size, axis.Tick.Label.Font.Size = 10, 10
		axis.Label.Padding, axis.Padding = 3, 0
	}
	p.Y.LineStyle.Width, p.Y.Tick.Length, p.X.Tick.Length = 0, 0, 3
	p.Add(ruler{})
	return p
}

// rows is the number of rows of panels.
func (f Figure) rows() int { return (len(f.Panels) + f.Across - 1) / f.Across }

// size is that of all panels, without title and key.
func (f Figure) size() Size {
	across, down := vg.Length(f.Across), vg.Length(f.rows())
	return Size{across*f.Panel.Width + (across-1)*panelGap, down*f.Panel.Height + (down-1)*panelGap}
}

// drawPanels aligns the panels' axes and draws them.
func (f Figure) drawPanels(c draw.Canvas) {
	rows := make([][]*plot.Plot, f.rows())
	for i := range rows {
		rows[i] = make([]*plot.Plot, f.Across)
		copy(rows[i], f.Panels[i*f.Across:min((i+1)*f.Across, len(f.Panels))])
	}
	tiles := draw.Tiles{Rows: len(rows), Cols: f.Across, PadX: panelGap, PadY: panelGap, PadTop: tickRoom,
		PadRight: tickRoom}
	places := plot.Align(rows, tiles, c)
	for i, row := range rows {
		for k, p := range row {
			if p != nil {
				p.Draw(places[i][k])
			}
		}
	}
}

// Write draws the figure on white paper, with its title and key.
func (f Figure) Write(w io.Writer, format string) error {
	size := f.size()
	lines := f.keyLines(size.Width)
	top := titleRoom + vg.Length(len(lines))*keyHeight
	size.Height += top
	return render(w, size, format, func(c draw.Canvas) {
		c.SetColor(color.White)
		c.Fill(rectangle(c.Min.X, c.Min.Y, c.Max.X, c.Max.Y))
		style := New(f.Title, "", "").Title.TextStyle
		style.XAlign = draw.XLeft
		if room, width := c.Max.X-c.Min.X-4, style.Width(f.Title); width > room {
			style.Font.Size *= room / width
		}
		c.FillText(style, vg.Point{X: c.Min.X + 2, Y: c.Max.Y - 4}, f.Title)
		for i, line := range lines {
			f.drawKey(c, line, c.Max.Y-titleRoom-vg.Length(i)*keyHeight)
		}
		f.drawPanels(draw.Crop(c, 0, 0, 0, -top))
	})
}

// keyLines breaks the key into lines of at most the given width.
func (f Figure) keyLines(width vg.Length) (lines [][]KeyEntry) {
	left := vg.Length(0)
	for _, e := range f.Key {
		if need := keyWidth(e); len(lines) == 0 || need > left {
			lines, left = append(lines, nil), width
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
		left -= keyWidth(e)
	}
	return lines
}

func keyStyle() draw.TextStyle {
	style := New("", "", "").Legend.TextStyle
	style.Font.Size, style.YAlign = 10, draw.YCenter
	return style
}

// keyWidth is that of a square, a name and the space behind it.
func keyWidth(e KeyEntry) vg.Length { return 14 + keyStyle().Width(e.Name) + 12 }

func (f Figure) drawKey(c draw.Canvas, line []KeyEntry, top vg.Length) {
	x, middle := c.Min.X+2, top-keyHeight/2
	for _, e := range line {
		c.SetColor(e.Colour)
		c.Fill(rectangle(x, middle-4.5, x+9, middle+4.5))
		c.FillText(keyStyle(), vg.Point{X: x + 14, Y: middle}, e.Name)
		x += keyWidth(e)
	}
}

func rectangle(x0, y0, x1, y1 vg.Length) (p vg.Path) {
	p.Move(vg.Point{X: x0, Y: y0})
	p.Line(vg.Point{X: x1, Y: y0})
	p.Line(vg.Point{X: x1, Y: y1})
	p.Line(vg.Point{X: x0, Y: y1})
	p.Close()
	return p
}

func render(w io.Writer, size Size, format string, paint func(draw.Canvas)) error {
	canvas, err := draw.NewFormattedCanvas(size.Width, size.Height, format)
	if err != nil {
		return err
	}
	paint(draw.New(canvas))
	_, err = canvas.WriteTo(w)
	return err
}

// Save draws the figure into a file, in the format that its name ends with: .svg or .png.
func (f Figure) Save(path string) error { return save(path, f.Write) }

// Grid is a figure of several panels, rows of equally many, with one legend at the right of all. A nil panel stays
// empty.
type Grid struct {
	Title  string // of all, at the left above the panels; lines of it end in \n
	Panels [][]*plot.Plot
	Legend *plot.Legend // nil: none
	// LegendWidth is what the legend takes of the width.
	LegendWidth vg.Length
	Size        Size
}

// NewLegend returns an empty legend in the style of all, its texts to the right of the thumbnails.
func NewLegend() *plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left, l.Padding = true, true, 4
	l.TextStyle.Color, l.TextStyle.Font.Size, l.TextStyle.Font.Variant = Ink, 10, sans
	return &l
}

// Write draws the figure in a format of gonum/plot: "svg", "png", "pdf".
func (g Grid) Write(w io.Writer, format string) error {
	canvas, err := draw.NewFormattedCanvas(g.Size.Width, g.Size.Height, format)
	if err != nil {
		return err
	}
	whole := draw.New(canvas)
	panels := whole
	if g.Title != "" {
		panels.Max.Y -= g.drawTitle(whole)
	}
	if g.Legend != nil {
		panels.Max.X -= g.LegendWidth
		legend := draw.Crop(whole, g.Size.Width-g.LegendWidth+8, 0, 0, panels.Max.Y-whole.Max.Y-24)
		g.Legend.Draw(legend)
	}
	tiles := draw.Tiles{Rows: len(g.Panels), Cols: len(g.Panels[0]), PadX: 8, PadY: 8, PadRight: 4, PadTop: 4}
	for i, row := range plot.Align(g.Panels, tiles, panels) {
		for j, at := range row {
			if p := g.Panels[i][j]; p != nil {
				p.Draw(at)
			}
		}
	}
	_, err = canvas.WriteTo(w)
	return err
}

// drawTitle returns the height that it takes.
func (g Grid) drawTitle(c draw.Canvas) vg.Length {
	style := New("", "", "").Title.TextStyle
	style.XAlign, style.YAlign = draw.XLeft, draw.YTop
	c.FillText(style, vg.Point{X: c.Min.X + 8, Y: c.Max.Y - 4}, g.Title)
	return style.Rectangle(g.Title).Size().Y + 10
}

// Save draws the figure into a file, in the format that its name ends with: .svg or .png.
func (g Grid) Save(path string) error { return save(path, g.Write) }

// swatch is a thumbnail of one colour.
type swatch struct{ color.Color }

// Thumbnail fills most of the thumbnail's height.
func (s swatch) Thumbnail(c *draw.Canvas) { fill(c, s, c.Min.X, c.Max.X, c.Min.Y+2, c.Max.Y-1) }

func fill(c *draw.Canvas, colour color.Color, left, right, bottom, top vg.Length) {
	c.SetColor(colour)
	c.Fill(rectangle(left, bottom, right, top))
}
