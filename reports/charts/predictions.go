package charts

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// predictionCells is the number of cells of a grid along each side.
const predictionCells = 48

// Predictions counts predictions by label and prediction, so that a figure of millions of pixels is as small as one of
// a hundred samples.
type Predictions struct {
	Low, High float64 // of both axes; what lies outside counts in the nearest cell
	N         int     // predictions
	counts    [predictionCells][predictionCells]int
	most      int
}

// NewPredictions returns an empty grid.
func NewPredictions(low, high float64) *Predictions { return &Predictions{Low: low, High: high} }

// Add counts one prediction; one that is not a number is left out.
func (g *Predictions) Add(label, prediction float64) {
	if math.IsNaN(label) || math.IsNaN(prediction) {
		return
	}
	count := &g.counts[g.cell(label)][g.cell(prediction)]
	*count++
	g.N++
	g.most = max(g.most, *count)
}

func (g *Predictions) cell(v float64) int {
	return int(max(0, min(predictionCells-1, math.Floor((v-g.Low)/(g.High-g.Low)*predictionCells))))
}

// PredictionsOf is the grid of a method.
type PredictionsOf struct {
	Name   string
	Colour int
	*Predictions
}

// PredictedVersusTrue draws a panel for each method: predictions against labels, darker where there are more, on a
// logarithmic scale, and the diagonal on which they agree.
func PredictedVersusTrue(title, label string, grids []PredictionsOf) (Figure, error) {
	f := Figure{Title: title, Across: min(2, len(grids)), Panel: panelSquare}
	for _, g := range grids {
		if g.most == 0 {
			return Figure{}, fmt.Errorf("predictions of %s: none", g.Name)
		}
		p := newPanel(g.Name, label, "prediction")
		p.Add(diagonal{}, g)
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = g.Low, g.High, g.Low, g.High
		f.Panels = append(f.Panels, p)
	}
	if len(grids) == 0 {
		return Figure{}, fmt.Errorf("predictions: no method")
	}
	return f, nil
}

// predictionLevels is the number of shades of a grid.
const predictionLevels = 6

// Plot draws the cells of each shade as one path.
func (g PredictionsOf) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	edge := func(i int) float64 { return g.Low + (g.High-g.Low)*float64(i)/predictionCells }
	var paths [predictionLevels]vg.Path
	for i, column := range g.counts {
		for k, n := range column {
			if n > 0 {
				level := g.level(n)
				paths[level] = append(paths[level], rectangle(toX(edge(i)), toY(edge(k)), toX(edge(i+1)), toY(edge(k+1)))...)
			}
		}
	}
	for level, path := range paths {
		if len(path) > 0 {
			c.SetColor(faint(Colour(g.Colour), uint8(0x40+level*(0xff-0x40)/(predictionLevels-1))))
			c.Fill(path)
		}
	}
}

// level is the shade of a cell: the lightest for one prediction, the darkest for the fullest cell.
func (g PredictionsOf) level(n int) int {
	if g.most == 1 {
		return predictionLevels / 2
	}
	return int(math.Log(float64(n)) / math.Log(float64(g.most)) * (predictionLevels - 1))
}
