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

	"github.com/dirbench/dirbench/runner/store"
)

// The colours of everything that is not data. Pages replace them to follow the reader's light or dark scheme.
var (
	Ink  = color.RGBA{0x1f, 0x23, 0x28, 0xff} // axes and text
	Mist = color.RGBA{0xd1, 0xd9, 0xe0, 0xff} // grids and shaded densities
)

// palette is that of Okabe and Ito (2008), which readers with any colour vision tell apart; its black and yellow are left out, for
// they vanish on a dark or a white page.
var palette = []color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff},
	{0xcc, 0x79, 0xa7, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff},
}

// Colours is the number of series that a figure can tell apart.
const Colours = 6

// Colour returns the colour of the ith series; they repeat after six.
func Colour(i int) color.RGBA { return palette[i%len(palette)] }

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
