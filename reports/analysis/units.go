package analysis

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// similarity is the name of a label that has no unit.
const similarity = "similarity"

// UnitText follows the name of a metric: " (years)" on the label's scale, " (years²)" on that of its square, nothing without a unit.
func UnitText(space datasets.LabelSpace, m metrics.Metric) string {
	unit := m.Unit(space)
	if unit == "" || space.Unit == similarity {
		return ""
	}
	return " (" + unit + ")"
}

// LabelName titles an axis of labels: "label (years)".
func LabelName(space datasets.LabelSpace) string {
	switch space.Unit {
	case "":
		return "label"
	case similarity:
		return similarity
	}
	return "label (" + space.Unit + ")"
}
