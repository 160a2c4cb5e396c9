package charts

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/dirbench/dirbench/reports/analysis"
)

// kdePoints is the number of points of a curve: more than one for each point of the width.
const kdePoints = 480

// KDE draws an estimate as a curve over its shaded area.
func KDE(k analysis.KDE, title, label string) (Figure, error) {
	p := newPanel("", label, "density")
	var curve plotter.XYs
	for _, point := range k.Points(kdePoints) {
		curve = append(curve, plotter.XY{X: point.Label, Y: point.Density})
	}
	line, err := plotter.NewLine(curve)
	if err != nil {
		return Figure{}, err
	}
	line.Color, line.Width, line.FillColor = Colour(0), vg.Points(1.2), Mist
	p.Add(line)
	p.Y.Min = 0
	key := []KeyEntry{{fmt.Sprintf("%s kernel, bandwidth %.4g", k.Kernel, k.Bandwidth), Colour(0)}}
	return Figure{Title: title, Panels: []*plot.Plot{p}, Across: 1, Panel: panelWide, Key: key}, nil
}
