package conformance

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/methods/relevance"
)

// seraCase is a relevance with its control points, and the errors of predictions over it.
type seraCase struct {
	Case       string
	TrainData  []float64 `json:"train_labels"`
	Asym       bool
	Extremes   relevance.Extremes
	Given      [][]float64 `json:"given_control_points"`
	Fivenum    []float64
	Medcouple  float64
	Fence      []float64
	Whiskers   []float64
	Points     [][]float64 `json:"control_points"`
	Degenerate bool
	Labels     []float64
	Phi        []float64
	Preds      []float64
	Thresholds []float64 `json:"ser_thresholds"`
	SER        []float64 `json:"ser"`
	Step       float64
	SERA       float64 `json:"sera"`
}

// checkSERA compares box plots, control points, relevances, SER and SERA. Control points that coincide must be refused.
func checkSERA(c *comparison, content []byte) error {
	var cases []seraCase
	if err := decode(content, &cases); err != nil {
		return err
	}
	for _, k := range cases {
		if !(k.Step > 0 && k.Step <= 1) {
			return fmt.Errorf("%s: step %g: expected more than 0, at most 1", k.Case, k.Step)
		}
		if err := k.check(c); err != nil {
			return fmt.Errorf("%s: %w", k.Case, err)
		}
	}
	return nil
}

func (k seraCase) check(c *comparison) error {
	box, err := relevance.NewBoxplot(k.TrainData)
	if err != nil {
		return err
	}
	fences := box.Fences()
	got := append(append(append(box.Numbers[:], box.Whiskers[:]...), fences[:]...), box.Medcouple)
	want := append(append(append(append([]float64(nil), k.Fivenum...), k.Whiskers...), k.Fence...), k.Medcouple)
	if err := c.add(k.Case+" box plot", got, want); err != nil {
		return err
	}
	f, err := k.relevance(box)
	if k.Degenerate {
		if err == nil {
			return fmt.Errorf("control points that coincide were not refused")
		}
		return nil
	} else if err != nil {
		return err
	}
	if k.Given == nil {
		if err := c.add(k.Case+" control points", numbersOf(f.Points()), numbersOf(pointsOf(k.Points))); err != nil {
			return err
		}
	}
	phi := make([]float64, len(k.Labels))
	for i, label := range k.Labels {
		phi[i] = f.At(label)
	}
	if err := c.add(k.Case+" phi", phi, k.Phi); err != nil {
		return err
	}
	squared := make([]float64, len(k.Labels))
	for i, label := range k.Labels {
		squared[i] = (k.Preds[i] - label) * (k.Preds[i] - label)
	}
	if err := c.add(k.Case+" SER", metrics.SER(phi, squared, k.Thresholds), k.SER); err != nil {
		return err
	}
	area := metrics.AreaOfSER(phi, squared)
	if k.Step != metrics.SeraStep {
		area = trapezoids(phi, squared, k.Step)
	}
	return c.add(k.Case+" SERA", []float64{area}, []float64{k.SERA})
}

// trapezoids is SERA over thresholds of another step.
func trapezoids(phi, squared []float64, step float64) float64 {
	thresholds := make([]float64, 1+int(math.Round(1/step)))
	for i := range thresholds {
		thresholds[i] = float64(i) * step
	}
	return integrate.Trapezoidal(thresholds, metrics.SER(phi, squared, thresholds))
}

// relevance returns that of the case: through given control points, whose slopes may be missing, or of the box plot.
func (k seraCase) relevance(box relevance.Boxplot) (relevance.Function, error) {
	if k.Given != nil {
		points := pointsOf(k.Given)
		if len(k.Given[0]) < 3 {
			points = relevance.WithSlopes(points)
		}
		return relevance.New(points)
	}
	form := relevance.Plain
	if k.Asym {
		form = relevance.Adjusted
	}
	return box.Relevance(form, k.Extremes)
}

func pointsOf(rows [][]float64) []relevance.Point {
	points := make([]relevance.Point, len(rows))
	for i, row := range rows {
		points[i] = relevance.Point{Label: row[0], Relevance: row[1]}
		if len(row) > 2 {
			points[i].Slope = row[2]
		}
	}
	return points
}

func numbersOf(points []relevance.Point) (numbers []float64) {
	for _, p := range points {
		numbers = append(numbers, p.Label, p.Relevance, p.Slope)
	}
	return numbers
}
