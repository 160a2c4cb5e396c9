package charts

import (
	"math"
	"strings"
	"testing"
)

// The figure of two runs, one with a bin that is missing, has a line for each series and panel and explains everything.
func TestFeatureFigure(t *testing.T) {
	labels := fourBins()
	labels.Empirical = []float64{0, 9, 1, 0}
	series := []FeatureSeries{
		{Name: "vanilla", Label: []float64{1.5, 2.5}, Mean: []float64{1, 0.5}, Variance: []float64{1, 0.25}},
		{Name: "fds, calibrated", Colour: 1, Dashed: true, Label: []float64{1.5, 2.5}, Mean: []float64{1, math.NaN()},
			Variance: []float64{1, math.NaN()}},
	}
	figure := Features("Ages: features by label", 1.5, labels, series)
	var svg strings.Builder
	if err := figure.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"vanilla", "fds, calibrated", "anchor", "training labels", "many-shot", "few-shot",
		"label (years)", "cosine of variances"} {
		if !strings.Contains(svg.String(), ">"+text+"<") {
			t.Errorf("the figure lacks %q", text)
		}
	}
	if strings.Contains(svg.String(), "NaN") {
		t.Error("the figure holds NaN")
	}
	p := figure.Panels[0][0]
	if p.X.Min != 1 || p.X.Max != 3 || p.Y.Min > 0.5 || p.Y.Max < 1 {
		t.Errorf("axes %g to %g and %g to %g", p.X.Min, p.X.Max, p.Y.Min, p.Y.Max)
	}
	if err := figure.Save("figure.txt"); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("error %v", err)
	}
}

// Nothing to compare is an empty figure, not a failure.
func TestFeatureFigureWithoutSeries(t *testing.T) {
	var svg strings.Builder
	if err := Features("", 0, Labels{}, nil).Write(&svg, "svg"); err != nil || strings.Contains(svg.String(), "NaN") {
		t.Errorf("%v", err)
	}
}
