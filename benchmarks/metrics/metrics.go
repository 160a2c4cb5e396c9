// Package metrics computes the figures that deep imbalanced regression papers report, over all samples and by shot
// region.
package metrics

import (
	"encoding/json"
	"math"
	"strconv"
)

// Metric names a figure; the value is what metrics.json and the command line use.
type Metric string

// The metrics. BMAE and BMSE are the balanced figures of Ren et al., Balanced MSE (CVPR 2022): the mean over bins of a
// bin's MAE or MSE.
const (
	MAE      Metric = "mae"
	MSE      Metric = "mse"
	RMSE     Metric = "rmse"
	GM       Metric = "gm" // geometric mean of absolute errors
	BMAE     Metric = "bmae"
	BMSE     Metric = "bmse"
	Pearson  Metric = "pearson"
	Spearman Metric = "spearman"
)

// The metrics that only dense depth estimation (NYUD2-DIR) reports; see EvaluateDepth.
const (
	BRMSE  Metric = "brmse"   // square root of the balanced MSE
	AbsRel Metric = "abs_rel" // mean of |error| / depth
	Log10  Metric = "log10"   // mean of |log10 prediction - log10 depth|
	Delta1 Metric = "delta1"  // share of pixels with max(p/d, d/p) <= 1.25
	Delta2 Metric = "delta2"  // the same with 1.25^2
	Delta3 Metric = "delta3"  // the same with 1.25^3
)

// Value is a metric's value; NaN or an infinity means undefined (an empty region, a constant input to a correlation,
// a prediction that is not finite) and is null in JSON.
type Value float64

// Defined reports whether the value exists.
func (v Value) Defined() bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// Undefined is the value of a metric that does not exist.
func Undefined() Value { return Value(math.NaN()) }

// MarshalJSON writes null for an undefined value.
func (v Value) MarshalJSON() ([]byte, error) {
	if !v.Defined() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(v))
}

// UnmarshalJSON reads null as undefined.
func (v *Value) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*v = Undefined()
		return nil
	}
	number, err := strconv.ParseFloat(string(b), 64)
	*v = Value(number)
	return err
}

// Scores are the metrics of one group of samples; N is the group's size.
type Scores struct {
	N      int              `json:"n"`
	Values map[Metric]Value `json:"values"`
}

// ByRegion holds the scores of all samples and of each shot region, keyed "all", "many", "medium" and "few".
type ByRegion map[string]Scores

// All is the key of the scores over every sample.
const All = "all"
