package metrics

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// Metric names a figure; the value is what metrics.json and the command line use.
type Metric string

// The metrics of a single label or of depth maps.
const (
	MAE      Metric = "mae"
	MSE      Metric = "mse"
	RMSE     Metric = "rmse"
	GM       Metric = "gm"
	BMAE     Metric = "bmae"
	BMSE     Metric = "bmse"
	BRMSE    Metric = "brmse"
	Pearson  Metric = "pearson"
	Spearman Metric = "spearman"
	AbsRel   Metric = "abs_rel"
	Log10    Metric = "log10"
	Delta1   Metric = "delta1"
	Delta2   Metric = "delta2"
	Delta3   Metric = "delta3"

	// SERA needs the relevance of labels.
	SERA Metric = "sera"

	// Those of predictions with a standard deviation.
	NLL        Metric = "nll"
	Coverage50 Metric = "coverage50"
	Coverage90 Metric = "coverage90"
	AUSE       Metric = "ause"
)

// declaration is all that the program knows of a metric. A metric has a mean or a group function.
type declaration struct {
	metric Metric
	label  string // as papers print it
	higher bool   // larger is better
	power  int    // of the label's unit: 1 for an error on the label's own scale, 2 for its square, 0 without a unit
	// balanced is the mean over bins of what the metric is over samples; empty if there is none
	balanced Metric
	// nominal is the best value of a metric that can be too large and too small, 0 of others
	nominal float64
	of      labels // the kind of label that has it
	spread  bool   // only predictions with a standard deviation have it
	phi     bool   // only where the relevance of labels is known
	mean    *mean  // of a metric that is a mean over samples
	group   func(group) float64
}

// labels are the kinds of labels that a metric is for.
type labels int

const (
	anyLabel labels = iota
	oneLabel        // one number for each sample
	depths          // pixels of depth maps, in metres
)

// point is a sample. Its spread, the standard deviation of the prediction, is 0 where it is not known.
type point struct{ label, prediction, spread float64 }

func (p point) absolute() float64 { return math.Abs(p.prediction - p.label) }

// mean is a figure that is a mean over samples, after a transformation: RMSE is the root of a mean, GM its exponential.
type mean struct {
	sample func(point, Options) float64
	result func(mean float64) float64   // from the mean to the figure; nil: the mean itself
	back   func(figure float64) float64 // the inverse of result
}

// declarations lists the metrics in the order in which tables show them.
//
// bMAE, bMSE and bRMSE are the balanced figures of Ren et al., Balanced MSE (CVPR 2022, section 5): the mean over bins
// of a bin's MAE or MSE, and the root of the latter. AbsRel, log10 and the threshold accuracies δ are those of Eigen et
// al., Depth Map Prediction from a Single Image (NIPS 2014).
var declarations = []declaration{
	{metric: MAE, label: "MAE", power: 1, balanced: BMAE, mean: &mean{sample: absolute}},
	{metric: MSE, label: "MSE", power: 2, balanced: BMSE, mean: &mean{sample: squared}},
	{metric: RMSE, label: "RMSE", power: 1, balanced: BRMSE, mean: &mean{squared, math.Sqrt, square}},
	{metric: GM, label: "GM", power: 1, of: oneLabel, mean: &mean{logarithm, math.Exp, math.Log}},
	{metric: BMAE, label: "bMAE", power: 1, group: func(g group) float64 { return g.balanced(absolute) }},
	{metric: BMSE, label: "bMSE", power: 2, group: func(g group) float64 { return g.balanced(squared) }},
	{metric: BRMSE, label: "bRMSE", power: 1, of: depths,
		group: func(g group) float64 { return math.Sqrt(g.balanced(squared)) }},
	{metric: Pearson, label: "Pearson", higher: true, of: oneLabel, group: group.pearson},
	{metric: Spearman, label: "Spearman", higher: true, of: oneLabel, group: group.spearman},
	{metric: AbsRel, label: "AbsRel", of: depths, mean: &mean{sample: relative}},
	{metric: Log10, label: "log10", of: depths, mean: &mean{sample: logarithms}},
	{metric: Delta1, label: "δ1", higher: true, of: depths, mean: &mean{sample: within(1.25)}},
	{metric: Delta2, label: "δ2", higher: true, of: depths, mean: &mean{sample: within(1.25 * 1.25)}},
	{metric: Delta3, label: "δ3", higher: true, of: depths, mean: &mean{sample: within(1.25 * 1.25 * 1.25)}},
	{metric: SERA, label: "SERA", power: 2, of: oneLabel, phi: true, group: group.sera},
	{metric: NLL, label: "NLL", of: oneLabel, spread: true, mean: &mean{sample: likelihood}},
	{metric: Coverage50, label: "Coverage 50 %", nominal: 0.5, of: oneLabel, spread: true,
		mean: &mean{sample: covered(0.5)}},
	{metric: Coverage90, label: "Coverage 90 %", nominal: 0.9, of: oneLabel, spread: true,
		mean: &mean{sample: covered(0.9)}},
	{metric: AUSE, label: "AUSE", of: oneLabel, spread: true, group: group.ause},
}

func absolute(p point, _ Options) float64 { return p.absolute() }

func squared(p point, _ Options) float64 { return square(p.prediction - p.label) }

func logarithm(p point, o Options) float64 { return o.GMZero.log(p.absolute()) }

func relative(p point, _ Options) float64 { return p.absolute() / p.label }

// logarithms is undefined for a prediction that is not positive.
func logarithms(p point, _ Options) float64 {
	return math.Abs(math.Log10(p.prediction) - math.Log10(p.label))
}

// within is 1 where the ratio of the two depths, taken above 1, is at most limit. A negative prediction has negative
// ratios and is outside.
func within(limit float64) func(point, Options) float64 {
	return func(p point, _ Options) float64 {
		if r := max(p.prediction/p.label, p.label/p.prediction); r >= 1 && r <= limit {
			return 1
		}
		return 0
	}
}

func square(v float64) float64 { return v * v }

func (m *mean) toFigure(v float64) float64 {
	if m.result == nil {
		return v
	}
	return m.result(v)
}

func (m *mean) toMean(figure float64) float64 {
	if m.back == nil {
		return figure
	}
	return m.back(figure)
}

var declared = func() map[Metric]declaration {
	all := map[Metric]declaration{}
	for _, d := range declarations {
		all[d.metric] = d
	}
	return all
}()

// choose returns the metrics for which a function holds, in order.
func choose(wanted func(declaration) bool) (list []Metric) {
	for _, d := range declarations {
		if wanted(d) {
			list = append(list, d.metric)
		}
	}
	return list
}

// Known lists all metrics in the order in which tables show them.
var Known = choose(func(declaration) bool { return true })

// ByBin lists the metrics that a bin of its own has, whatever its labels are: means over samples in the label's unit.
// [Sums] adds them up.
var ByBin = choose(func(d declaration) bool { return d.mean != nil && d.power > 0 })

// OfSpread lists the metrics of predictions with a standard deviation.
var OfSpread = choose(func(d declaration) bool { return d.spread })

// Scored lists the metrics that predictions of single labels, or of dense ones, have whatever else is known.
func Scored(dense bool) []Metric {
	of := oneLabel
	if dense {
		of = depths
	}
	return choose(func(d declaration) bool { return !d.spread && !d.phi && (d.of == anyLabel || d.of == of) })
}

// ParseMetric returns the metric of that name, as metrics.json writes it ("mae", "gm").
func ParseMetric(name string) (Metric, error) {
	if slices.Contains(Known, Metric(name)) {
		return Metric(name), nil
	}
	return "", fmt.Errorf("unknown metric %q: expected one of %s", name, Names(Known))
}

// Names returns the names of metrics as the command line takes them: "mae, gm".
func Names(list []Metric) string {
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

// Label returns the name as papers print it: "MAE", "bMAE", "Pearson". An unknown metric is its own label.
func (m Metric) Label() string {
	if d, ok := declared[m]; ok {
		return d.label
	}
	return string(m)
}

// HigherIsBetter reports whether a larger value is the better one: correlations and threshold accuracies.
func (m Metric) HigherIsBetter() bool { return declared[m].higher }

// Balanced returns the form of the metric in which every bin counts the same, bMAE of MAE; empty if there is none.
func (m Metric) Balanced() Metric { return declared[m].balanced }

// NeedsSpread reports whether only predictions with a standard deviation have the metric.
func (m Metric) NeedsSpread() bool { return declared[m].spread }

// NeedsRelevance reports whether the metric is only there where the relevance of labels is known.
func (m Metric) NeedsRelevance() bool { return declared[m].phi }

// Nominal returns the best value of a metric that can be too large and too small, such as the coverage of an interval,
// and false for any other metric.
func (m Metric) Nominal() (float64, bool) { return declared[m].nominal, declared[m].nominal != 0 }

// Arrow points to better values: "↓" for errors, "↑" for correlations and accuracies, "→ 0.9" for a coverage.
func (m Metric) Arrow() string {
	nominal, ok := m.Nominal()
	switch {
	case ok:
		return fmt.Sprintf("→ %g", nominal)
	case m.HigherIsBetter():
		return "↑"
	}
	return "↓"
}

// Better reports whether a is a better value than b.
func (m Metric) Better(a, b float64) bool {
	if nominal, ok := m.Nominal(); ok {
		return math.Abs(a-nominal) < math.Abs(b-nominal)
	}
	if m.HigherIsBetter() {
		return a > b
	}
	return a < b
}

// UnitPower returns the power of the label's unit in which the value is: 1 for errors on the label's own scale (MAE,
// RMSE, GM and their balanced forms), 2 for MSE and bMSE, 0 for figures without a unit.
func (m Metric) UnitPower() int { return declared[m].power }

// Unit returns the unit of the metric over labels of a space: "years", "years²", or "" without one.
func (m Metric) Unit(space datasets.LabelSpace) string {
	switch power := m.UnitPower(); {
	case power == 0 || space.Unit == "":
		return ""
	case power == 2:
		return space.Unit + "²"
	}
	return space.Unit
}

// Decimals returns the precision that papers use: two decimals for ages and scores in points, three where labels span
// at most ten units (similarities, metres) and for figures without a unit.
func (m Metric) Decimals(space datasets.LabelSpace) int {
	if m.UnitPower() > 0 && space.Max-space.Min > 10 {
		return 2
	}
	return 3
}
