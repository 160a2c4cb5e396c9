package metrics

import (
	"fmt"
	"strings"
)

// description is what tables and the command line need to know about a metric.
type description struct {
	label  string
	higher bool // larger is better
	power  int  // of the label's unit: 1 for an error on the label's own scale, 2 for its square, 0 without a unit
}

var descriptions = map[Metric]description{
	MAE:      {label: "MAE", power: 1},
	MSE:      {label: "MSE", power: 2},
	RMSE:     {label: "RMSE", power: 1},
	GM:       {label: "GM", power: 1},
	BMAE:     {label: "bMAE", power: 1},
	BMSE:     {label: "bMSE", power: 2},
	BRMSE:    {label: "bRMSE", power: 1},
	Pearson:  {label: "Pearson", higher: true},
	Spearman: {label: "Spearman", higher: true},
	AbsRel:   {label: "AbsRel"},
	Log10:    {label: "log10"},
	Delta1:   {label: "δ1", higher: true},
	Delta2:   {label: "δ2", higher: true},
	Delta3:   {label: "δ3", higher: true},
}

// Known lists all metrics in the order in which tables show them.
var Known = []Metric{MAE, MSE, RMSE, GM, BMAE, BMSE, BRMSE, Pearson, Spearman, AbsRel, Log10, Delta1, Delta2, Delta3}

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

// UnitPower returns the power of the label's unit in which the value is: 1 for errors on the label's own scale (MAE,
// RMSE, GM and their balanced forms), 2 for MSE and bMSE, 0 for figures without a unit.
func (m Metric) UnitPower() int { return descriptions[m].power }
