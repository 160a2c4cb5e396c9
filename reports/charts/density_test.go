package charts

import (
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports/analysis"
)

func testDensity(method string) analysis.Density {
	return analysis.Density{
		Title: "Mine", Method: method, Seeds: []int64{0, 1}, Metric: metrics.MAE, Space: datasets.AgeSpace(), Split: datasets.Test,
		Empirical: analysis.Correlation{OfMean: -0.25}, Effective: analysis.Correlation{OfMean: metrics.Undefined()},
		Bins: []analysis.DensityBin{
			{Bin: analysis.Bin{Index: 30, Lower: 30, Train: 40, N: 2, MAE: 5}, Effective: 60},
			{Bin: analysis.Bin{Index: 31, Lower: 31, Train: 10, MAE: metrics.Undefined()}, Effective: 50},
			{Bin: analysis.Bin{Index: 32, Lower: 32, N: 1, MAE: 8}, Effective: 30},
		},
	}
}

func drawn(t *testing.T, list ...analysis.Density) string {
	t.Helper()
	p, err := Density(list)
	if err != nil {
		t.Fatal(err)
	}
	var svg strings.Builder
	if err := Write(&svg, p, Wide, "svg"); err != nil {
		t.Fatal(err)
	}
	return svg.String()
}

func TestDensity(t *testing.T) {
	one := drawn(t, testDensity("vanilla"))
	for _, want := range []string{"Mine: vanilla, 2 seeds", "empirical density −0.25, effective density —", "training labels (peak 40)", "label (years)", "MAE (years)"} {
		if !strings.Contains(one, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if two := drawn(t, testDensity("vanilla"), testDensity("lds")); !strings.Contains(two, "lds (−0.25 / —)") {
		t.Error("no correlations in the legend")
	}
	// Neither training data nor samples.
	drawn(t, analysis.Density{Title: "Mine", Metric: metrics.MSE, Space: datasets.STSBSpace(), Bins: []analysis.DensityBin{{}}})
}

func TestKDE(t *testing.T) {
	k, err := analysis.NewKDE([]float64{1, 2, 2, 5}, analysis.EpanechnikovKernel, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	p, err := KDE(k, "prices", "price")
	var svg strings.Builder
	if err != nil || Write(&svg, p, Wide, "svg") != nil || !strings.Contains(svg.String(), "epanechnikov kernel, bandwidth 1.5") {
		t.Errorf("%v", err)
	}
}
