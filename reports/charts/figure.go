package charts

import (
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Figure is one or more panels with one key for all. A page with headings and keys of its own draws each panel by itself.
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
	Colour color.NRGBA
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
	tiles := draw.Tiles{Rows: len(rows), Cols: f.Across, PadX: panelGap, PadY: panelGap, PadTop: tickRoom, PadRight: tickRoom}
	places := plot.Align(rows, tiles, c)
	for i, row := range rows {
		for k, p := range row {
			if p != nil {
				p.Draw(places[i][k])
			}
		}
	}
}

// WritePanel draws one panel alone, without background, title and key, in a format of gonum/plot.
func (f Figure) WritePanel(w io.Writer, panel int, format string) error {
	alone := Figure{Panels: f.Panels[panel : panel+1], Across: 1, Panel: f.Panel}
	return render(w, alone.size(), format, alone.drawPanels)
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
