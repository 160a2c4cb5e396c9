package analysis

import (
	"testing"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

func TestUnits(t *testing.T) {
	for _, tt := range []struct {
		space       datasets.LabelSpace
		metric      metrics.Metric
		unit, label string
	}{
		{datasets.AgeSpace(), metrics.MAE, " (years)", "label (years)"},
		{datasets.NYUD2Space(), metrics.MSE, " (m²)", "label (m)"},
		{datasets.STSBSpace(), metrics.MSE, "", "similarity"}, {datasets.LabelSpace{}, metrics.MAE, "", "label"},
		{datasets.AgeSpace(), metrics.Pearson, "", "label (years)"},
	} {
		if got := UnitText(tt.space, tt.metric); got != tt.unit || LabelName(tt.space) != tt.label {
			t.Errorf("%s: unit %q, label %q, want %q and %q", tt.metric, got, LabelName(tt.space), tt.unit, tt.label)
		}
	}
}
