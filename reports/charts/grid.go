package charts

import (
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Grid is a figure of several panels, rows of equally many, with one legend at the right of all. A nil panel stays empty.
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
