package charts

import (
	"testing"

	"github.com/dirbench/dirbench/reports/analysis"
)

func TestKDE(t *testing.T) {
	k, err := analysis.NewKDE([]float64{1, 2, 2, 5}, analysis.EpanechnikovKernel, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	f, err := KDE(k, "prices", "price")
	if err != nil {
		t.Fatal(err)
	}
	checkFigure(t, f, 1, []string{"epanechnikov kernel, bandwidth 1.5"}, []string{"price", "density"})
}
