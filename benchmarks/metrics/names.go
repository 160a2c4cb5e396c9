package metrics

import (
	"fmt"
	"strings"
)

// description is what tables and the command line need to know about a metric.
type description struct {
	label        string
	higher       bool // larger is better
	inLabelUnits bool // the value is an error on the label's own scale
}

var descriptions = map[Metric]description{
	MAE:      {label: "MAE", inLabelUnits: true},
	MSE:      {label: "MSE"},
	RMSE:     {label: "RMSE", inLabelUnits: true},
	GM:       {label: "GM", inLabelUnits: true},
	BMAE:     {label: "bMAE", inLabelUnits: true},
	Pearson:  {label: "Pearson", higher: true},
	Spearman: {label: "Spearman", higher: true},
	AbsRel:   {label: "AbsRel"},
	Log10:    {label: "log10"},
	Delta1:   {label: "δ1", higher: true},
	Delta2:   {label: "δ2", higher: true},
	Delta3:   {label: "δ3", higher: true},
}

// Known lists all metrics in the order in which tables show them.
var Known = []Metric{MAE, MSE, RMSE, GM, BMAE, Pearson, Spearman, AbsRel, Log10, Delta1, Delta2, Delta3}

// ParseMetric returns the metric of that name, as metrics.json writes it ("mae", "gm").
func ParseMetric(name string) (Metric, error) {
	m := Metric(name)
	if _, ok := descriptions[m]; ok {
		return m, nil
	}
	names := make([]string, len(Known))
	for i, k := range Known {
		names[i] = string(k)
	}
	return "", fmt.Errorf("unknown metric %q: expected one of %s", name, strings.Join(names, ", "))
}

// Label returns the name as papers print it: "MAE", "bMAE", "Pearson". An unknown metric is its own label.
func (m Metric) Label() string {
	if d, ok := descriptions[m]; ok {
		return d.label
	}
	return string(m)
}

// HigherIsBetter reports whether a larger value is the better one: correlations and threshold accuracies.
func (m Metric) HigherIsBetter() bool { return descriptions[m].higher }

// InLabelUnits reports whether the value is an error in the unit of the label (MAE, RMSE, GM, bMAE); the other
// metrics have no unit, MSE its square.
func (m Metric) InLabelUnits() bool { return descriptions[m].inLabelUnits }
