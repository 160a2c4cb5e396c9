// Package relevance says how much each label of a regression matters, from 0 to 1, by the training labels: Ribeiro and
// Moniz, Imbalanced Regression and Extreme Value Prediction (Machine Learning 109, 2020). A relevance is a curve
// through control points, which follow from a box plot or are given.
package relevance

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Point is a control point: a label, its relevance from 0 to 1, and the slope of the curve there.
type Point struct {
	Label     float64 `json:"label"`
	Relevance float64 `json:"relevance"`
	Slope     float64 `json:"slope,omitempty"`
}

// Function is the relevance of every label: a monotone piecewise cubic Hermite curve through control points (Fritsch
// and Carlson, SIAM Journal on Numerical Analysis 17, 1980), constant beyond them.
type Function struct{ points []Point }

// New returns the relevance through control points in ascending order of their labels. Points that say the same count
// once. Fewer than two, two relevances of one label, and numbers that are not finite or no relevance are errors. Slopes
// are limited piece by piece as in the authors' code.
func New(points []Point) (Function, error) {
	var kept []Point
	for _, p := range points {
		if math.IsNaN(p.Label+p.Slope) || math.IsInf(p.Label, 0) || math.IsInf(p.Slope, 0) ||
			!(p.Relevance >= 0 && p.Relevance <= 1) {
			return Function{}, fmt.Errorf("control point %g:%g: expected a label and a relevance from 0 to 1", p.Label,
				p.Relevance)
		}
		if n := len(kept); n > 0 {
			last := kept[n-1]
			switch {
			case last.Label == p.Label && last.Relevance == p.Relevance:
				continue
			case last.Label == p.Label:
				return Function{}, fmt.Errorf("label %g has the relevances %g and %g: give other control points",
					p.Label, last.Relevance, p.Relevance)
			case last.Label > p.Label:
				return Function{}, fmt.Errorf("control point %g comes after %g: expected ascending labels", p.Label, last.Label)
			}
		}
		kept = append(kept, p)
	}
	if len(kept) < 2 {
		return Function{}, errors.New("fewer than two control points: labels have no spread, so that none is more relevant " +
			"than another")
	}
	limitSlopes(kept)
	return Function{kept}, nil
}

// limitSlopes makes the pieces of the curve monotone, from left to right: a slope of another sign than its piece is
// turned round, and slopes that are too large are reduced. Where a piece turns a slope of the one before it round, as
// at a valley of points without given slopes, the curve falls a little below 0 there; so it does in the authors' code.
func limitSlopes(points []Point) {
	for k := range len(points) - 1 {
		a, b := &points[k], &points[k+1]
		secant := (b.Relevance - a.Relevance) / (b.Label - a.Label)
		if secant == 0 {
			a.Slope, b.Slope = 0, 0
			continue
		}
		// The curve is monotone if (alpha, beta) lies below one of the two lines or inside the ellipse; else both slopes
		// move to the circle of radius 3.
		alpha, beta := math.Abs(a.Slope/secant), math.Abs(b.Slope/secant)
		a.Slope, b.Slope = alpha*secant, beta*secant
		left, right := 2*alpha+beta-3, alpha+2*beta-3
		if left > 0 && right > 0 && alpha*(left+right) < left*left {
			scale := 3 / math.Hypot(alpha, beta)
			a.Slope, b.Slope = scale*alpha*secant, scale*beta*secant
		}
	}
}

// Points returns the control points with their limited slopes.
func (f Function) Points() []Point { return append([]Point(nil), f.points...) }

// String returns the labels of the control points and their relevances, "20:1, 45:0, 80:1".
func (f Function) String() string {
	parts := make([]string, len(f.points))
	for i, p := range f.points {
		parts[i] = fmt.Sprintf("%.5g:%.3g", p.Label, p.Relevance)
	}
	return strings.Join(parts, ", ")
}

// At returns the relevance of a label.
func (f Function) At(label float64) float64 {
	n := len(f.points)
	k := sort.Search(n, func(i int) bool { return f.points[i].Label > label })
	switch k {
	case 0:
		return f.points[0].Relevance
	case n:
		return f.points[n-1].Relevance
	}
	a, b := f.points[k-1], f.points[k]
	h := b.Label - a.Label
	t := (label - a.Label) / h
	return a.Relevance*(1+2*t)*(1-t)*(1-t) + a.Slope*h*t*(1-t)*(1-t) + b.Relevance*t*t*(3-2*t) - b.Slope*h*t*t*(1-t)
}

// WithSlopes returns control points with the slopes that they have where none are given: at an end 0, elsewhere the
// mean of the slopes of the lines to both neighbours.
func WithSlopes(points []Point) []Point {
	out := append([]Point(nil), points...)
	secant := func(k int) float64 {
		return (points[k+1].Relevance - points[k].Relevance) / (points[k+1].Label - points[k].Label)
	}
	for k := range out {
		out[k].Slope = 0
		if k > 0 && k < len(out)-1 {
			out[k].Slope = (secant(k-1) + secant(k)) / 2
		}
	}
	return out
}

// Parse reads control points from text such as "20:0,60:0.5,80:1", a label and its relevance each.
func Parse(text string) (Function, error) {
	var points []Point
	for part := range strings.SplitSeq(text, ",") {
		label, relevance, _ := strings.Cut(part, ":")
		x, errX := strconv.ParseFloat(strings.TrimSpace(label), 64)
		y, errY := strconv.ParseFloat(strings.TrimSpace(relevance), 64)
		if errX != nil || errY != nil {
			return Function{}, fmt.Errorf("%.40q: expected control points LABEL:RELEVANCE,…, such as 20:0,60:0.5,80:1", part)
		}
		points = append(points, Point{Label: x, Relevance: y})
	}
	if _, err := New(points); err != nil {
		return Function{}, err
	}
	return New(WithSlopes(points))
}
