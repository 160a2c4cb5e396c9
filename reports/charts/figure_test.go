package charts

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"

	"github.com/dirbench/dirbench/datasets"
)

// fourBins have training data in three bins, few in the last.
func fourBins() Labels {
	return Labels{
		Name: "label (years)", Space: datasets.LabelSpace{Max: 4, Rule: datasets.BinInteger, Bins: 4, Width: 1},
		Regions:   []datasets.Region{datasets.Many, datasets.Few, datasets.Medium, datasets.Few},
		Empirical: []float64{200, 0, 50, 1}, Effective: []float64{190, 90, 70, 10},
	}
}

func series(name string, values ...float64) Series {
	return Series{Name: name, Values: values, N: []int{9, 9, 9, 9}}
}

var nan = math.NaN()

// svgsOf draws a figure with its key, or its panels alone.
func svgsOf(t *testing.T, f Figure) (whole, panels string) {
	t.Helper()
	var drawn bytes.Buffer
	if err := f.Write(&drawn, "svg"); err != nil {
		t.Fatal(err)
	}
	whole = drawn.String()
	drawn.Reset()
	for i := range f.Panels {
		if err := f.WriteInline(&drawn, i); err != nil {
			t.Fatal(err)
		}
	}
	return whole, drawn.String()
}

func checkFigure(t *testing.T, f Figure, panels int, inKey, onPanels []string) {
	t.Helper()
	if len(f.Panels) != panels {
		t.Errorf("%d panels, want %d", len(f.Panels), panels)
	}
	whole, alone := svgsOf(t, f)
	for _, text := range append(append(slices.Clone(inKey), f.Title), onPanels...) {
		if !strings.Contains(whole, ">"+text+"<") {
			t.Errorf("the figure lacks %q", text)
		}
	}
	for _, text := range onPanels {
		if !strings.Contains(alone, ">"+text+"<") {
			t.Errorf("the panels lack %q", text)
		}
	}
	for _, text := range append(slices.Clone(inKey), f.Title) {
		if strings.Contains(alone, ">"+text+"<") {
			t.Errorf("the panels have %q of the key or title", text)
		}
	}
	if again, _ := svgsOf(t, f); again != whole {
		t.Error("a second drawing has other bytes")
	}
}

func TestErrorByBin(t *testing.T) {
	f, err := ErrorByBin("Errors", "MAE (years)", fourBins(),
		[]Series{series("one", 5, nan, 6, 8), series("two", 4, nan, 5, nan)})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 1, []string{"one", "two", "training labels", "effective density (LDS)", "few-shot"},
		[]string{"MAE (years)", "label (years)"})
	if p := f.Panels[0]; p.X.Min != 0 || p.X.Max != 4 || p.Y.Max < 8 {
		t.Errorf("x from %g to %g, y to %g", p.X.Min, p.X.Max, p.Y.Max)
	}
}

func TestGainByBin(t *testing.T) {
	f, err := GainByBin("Gains", "vanilla", "gain", fourBins(), []Series{series("one", 1, nan, -2, 0)})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 1, []string{"smaller error than vanilla", "larger error"}, []string{"gain", "−2"})
	f, err = GainByBin("Gains", "vanilla", "gain", fourBins(),
		[]Series{series("one", 1, nan, -2, 0), series("two", 0, 0, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 2, []string{"larger error"}, []string{"one", "two"})
}

// Bars touch one another and stand on the base line from the first bin to the last.
func TestSteps(t *testing.T) {
	got := fourBins().steps(1, 2, func(bin int) float64 { return float64(bin * 10) })
	want := plotter.XYs{{X: 1}, {X: 1, Y: 10}, {X: 2, Y: 10}, {X: 2, Y: 20}, {X: 3, Y: 20}, {X: 3}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Figures by bin are refused if something they need is missing or of another label space.
func TestFiguresByBinRefuse(t *testing.T) {
	short := fourBins()
	short.Effective = short.Effective[:3]
	empty := fourBins()
	empty.Empirical = make([]float64, 4)
	for want, draw := range map[string]struct {
		labels Labels
		series Series
	}{
		"4 regions, 4 and 3 densities": {short, series("one", 1, 2, 3, 4)},
		"one has 3 values of 4 bins":   {fourBins(), series("one", 1, 2, 3)},
		"no data in any bin":           {empty, series("one", nan, nan, nan, nan)},
	} {
		if _, err := ErrorByBin("", "", draw.labels, []Series{draw.series}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if _, err := GainByBin("", "", "", draw.labels, []Series{draw.series}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestSquaredErrorByRelevance(t *testing.T) {
	f, err := SquaredErrorByRelevance("Squared error", "sum (years²)", []float64{0, 0.5, 1}, []RelevanceCurve{
		{Name: "one", Seeds: [][]float64{{9, 4, 1}, {8, 4, 2}}}, {Name: "two", Colour: 1, Seeds: [][]float64{{7, 3, 0}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 1, []string{"one", "two"}, []string{"relevance at least", "sum (years²)"})
	if p := f.Panels[0]; p.X.Max != 1 || p.Y.Min != 0 || p.Y.Max < 9 {
		t.Errorf("x to %g, y from %g to %g", p.X.Max, p.Y.Min, p.Y.Max)
	}
	if _, err := SquaredErrorByRelevance("", "", []float64{0, 1},
		[]RelevanceCurve{{Name: "one", Seeds: [][]float64{{1}}}}); err == nil {
		t.Error("a curve of one value of two thresholds")
	}
}

func TestCurves(t *testing.T) {
	f, err := Curves("Curves", "epoch", "validation MAE", []Curve{
		{Name: "one", Loss: [][]float64{{3, 2, 1}, {4, 3}}, Val: [][]float64{{9, nan, 7}, {9, 8}}},
		{Name: "two", Colour: 1, Loss: [][]float64{{3}}, Val: [][]float64{{9}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 2, []string{"one", "two"}, []string{"training loss", "validation MAE", "epoch"})
	if end := f.Panels[0].X.Max; end != 2 {
		t.Errorf("curves go to %g: the second seed ended at 2", end)
	}
	for want, curve := range map[string]Curve{
		"0 losses and 0 validations":        {Name: "one"},
		"2 losses and 1 validations":        {Name: "one", Loss: [][]float64{{1}, {1}}, Val: [][]float64{{1}}},
		"no epoch that every seed finished": {Name: "one", Loss: [][]float64{{nan}}, Val: [][]float64{{1}}},
	} {
		if _, err := Curves("", "", "", []Curve{curve}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestPredictedVersusTrue(t *testing.T) {
	few, many := NewPredictions(0, 10), NewPredictions(0, 10)
	few.Add(5, 5)
	few.Add(nan, 1)
	for i := range 100_000 {
		many.Add(float64(i%1000)/100, float64(i%777)/70-1)
	}
	f, err := PredictedVersusTrue("Predictions", "label",
		[]PredictionsOf{{Name: "few", Predictions: few}, {Name: "many", Predictions: many}})
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 2, nil, []string{"few", "many", "label", "prediction"})
	if whole, _ := svgsOf(t, f); len(whole) > 300_000 {
		t.Errorf("100000 points take %d bytes", len(whole))
	}
	if few.most != 1 || many.counts[0][0] == 0 {
		t.Error("a prediction that is not a number counts, or one outside does not")
	}
	if _, err := PredictedVersusTrue("", "",
		[]PredictionsOf{{Name: "none", Predictions: NewPredictions(0, 1)}}); err == nil {
		t.Error("no predictions: no error")
	}
	if _, err := PredictedVersusTrue("", "", nil); err == nil {
		t.Error("no method: no error")
	}
}

func TestRoundTicks(t *testing.T) {
	for _, tt := range []struct {
		low, high float64
		whole     bool
		want      string
	}{
		{0, 97, false, "0 20 40 60 80"}, {-0.5, 0.7, false, "−0.4 −0.2 0 0.2 0.4 0.6"}, {1, 3, true, "1 2 3"},
		{1, 3, false, "1 1.5 2 2.5 3"},
		{5, 5, false, "5"}, {0, 12000, false, "0 2000 4000 6000 8000 10000 12000"},
	} {
		var labels []string
		for _, tick := range (roundTicks{tt.whole}).Ticks(tt.low, tt.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("%g to %g: %s, want %s", tt.low, tt.high, got, tt.want)
		}
	}
}

func TestFigureSave(t *testing.T) {
	f, err := ErrorByBin("Errors", "MAE", fourBins(), []Series{series("one", 5, nan, 6, 8)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "f.png")
	if err := f.Save(path); err != nil {
		t.Fatal(err)
	}
	if raw, _ := os.ReadFile(path); !bytes.HasPrefix(raw, []byte("\x89PNG")) {
		t.Error("not a PNG file")
	}
	if err := f.Save("figure.gif"); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
		t.Errorf("error %v", err)
	}
}
