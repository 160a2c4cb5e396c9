package charts

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/kernel"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
)

// swept is a comparison with the given kernels and values.
func swept(rows ...analysis.AblationRow) analysis.Ablation {
	return analysis.Ablation{Title: "Ages", Method: "lds", Region: datasets.Few, Rows: rows,
		Columns: []reports.Column{{Metric: metrics.MAE, Region: datasets.Few, Unit: "years", Decimals: 1}}}
}

func row(lds, fds *kernel.Kernel, v float64) analysis.AblationRow {
	return analysis.AblationRow{LDS: lds, FDS: fds, Cells: []reports.Cell{{Mean: metrics.Value(v)}}}
}

func k(kind string, size int, sigma float64) *kernel.Kernel {
	return &kernel.Kernel{Kind: kind, Size: size, Sigma: sigma}
}

func svgOf(t *testing.T, g Grid) string {
	t.Helper()
	var svg strings.Builder
	if err := g.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	return svg.String()
}

// One kernel that varies: a panel for each kind, cells where there is a value, missing combinations blank.
func TestAblationFigure(t *testing.T) {
	a := swept(row(k("gaussian", 5, 1), nil, 8.25), row(k("gaussian", 9, 2), nil, 7.5),
		row(k("gaussian", 5, 2), nil, math.NaN()), row(k("triang", 5, 2), nil, 9))
	figure := Ablation(a)
	if n := len(figure.Panels[0]); n != 2 {
		t.Fatalf("%d panels, want gaussian and triang", n)
	}
	svg := svgOf(t, figure)
	for text, times := range map[string]int{"8.2": 2, "7.5": 1, "7.5 best": 1, "9.0": 2, "NaN": 0, "gaussian": 1,
		"triang": 1, "MAE Few (years)": 1, "—": 1, "ks of LDS": 1} {
		if got := strings.Count(svg, ">"+text+"<"); got != times {
			t.Errorf("%q is there %d times, want %d", text, got, times)
		}
	}
}

// Two kernels that vary: one panel of LDS by FDS.
func TestAblationFigureOfBoth(t *testing.T) {
	h := crossed(swept(row(k("gaussian", 5, 1), k("triang", 3, 1), 1), row(k("gaussian", 5, 1), k("laplace", 5, 2), 2),
		row(k("laplace", 5, 1), k("triang", 3, 2), 3)),
		analysis.Smoother{Name: "LDS", Of: func(r analysis.AblationRow) *kernel.Kernel { return r.LDS }},
		analysis.Smoother{Name: "FDS", Of: func(r analysis.AblationRow) *kernel.Kernel { return r.FDS }})
	if strings.Join(h.Rows, ", ") != "gaussian 5/1, laplace 5/1" ||
		strings.Join(h.Columns, ", ") != "triang 3, laplace 5/2" {
		t.Errorf("rows %q, columns %q", h.Rows, h.Columns)
	}
	if v := h.Values; v[0][0] != 1 || v[0][1] != 2 || v[1][0] != 3 || !math.IsNaN(v[1][1]) {
		t.Errorf("values %v", v)
	}
}

// The scale falls evenly in lightness from the worst to the best value, whichever direction is better.
func TestHeatScale(t *testing.T) {
	light := func(c color.RGBA) float64 {
		return 0.2126*math.Pow(float64(c.R)/255, 2.2) + 0.7152*math.Pow(float64(c.G)/255, 2.2) +
			0.0722*math.Pow(float64(c.B)/255, 2.2)
	}
	for _, higher := range []bool{false, true} {
		s := newHeatScale([]Heat{{Values: [][]float64{{1, math.NaN(), 3}}}}, higher, 0)
		last := math.Inf(1)
		for i := range 21 {
			v := 1 + float64(i)/10
			if !higher {
				v = 4 - v
			}
			if l := light(s.colour(v)); l >= last {
				t.Errorf("higher %v: %g is not darker than the value before", higher, v)
			} else {
				last = l
			}
		}
	}
	one := newHeatScale([]Heat{{Values: [][]float64{{2}}}}, false, 0)
	if c := one.colour(2); c.A != 255 {
		t.Errorf("a single value is %v", c)
	}
	if readable(color.RGBA{255, 255, 255, 255}) != color.Black || readable(color.RGBA{0, 0, 80, 255}) != color.White {
		t.Error("text cannot be read")
	}
}

// A sweep without a value is drawn all the same.
func TestHeatMapOfNothing(t *testing.T) {
	svgOf(t, HeatMap("t", "MAE", false, 1, []Heat{
		{Columns: []string{"1"}, Rows: []string{"5"}, Values: [][]float64{{math.NaN()}}}}))
}
