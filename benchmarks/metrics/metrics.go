// Package metrics computes the figures that deep imbalanced regression papers report, over all samples and by shot
// region. A metric is one entry of the list in declare.go; its columns, units, decimals, values by region and by bin,
// and the check that All follows from the regions all come from there.
package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/relevance"
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

// ByRegion holds the scores of all samples and of each shot region.
type ByRegion map[datasets.Region]Scores

// All is the region of every sample.
const All = datasets.All

// Regions lists what a metric is computed over, in the order of a table's columns: all samples, then the shot regions.
var Regions = append([]datasets.Region{All}, datasets.Regions...)

// Sizes are the numbers of samples in [Regions].
type Sizes map[datasets.Region]int

// Sizes returns the number of samples behind the scores of each region.
func (s ByRegion) Sizes() Sizes {
	sizes := Sizes{}
	for _, r := range Regions {
		sizes[r] = s[r].N
	}
	return sizes
}

// String returns "many 1530, medium 448, few 162".
func (s Sizes) String() string {
	return fmt.Sprintf("many %d, medium %d, few %d", s[datasets.Many], s[datasets.Medium], s[datasets.Few])
}

// ZeroPolicy says what the geometric mean does with an error of exactly zero.
type ZeroPolicy string

// The zero policies; the empty policy is ZeroMakesZero.
const (
	// ZeroMakesZero takes ln 0 at its word: one exact hit makes the geometric mean 0. It is what the official
	// age code does.
	ZeroMakesZero ZeroPolicy = "zero"
	// ZeroAsEpsilon replaces exact zeros by 1e-10, as the official STS-B-DIR code does.
	ZeroAsEpsilon ZeroPolicy = "eps"
)

const zeroEpsilon = 1e-10

// ParseZeroPolicy returns the policy of that name, "zero" or "eps".
func ParseZeroPolicy(name string) (ZeroPolicy, error) {
	switch p := ZeroPolicy(name); p {
	case ZeroMakesZero, ZeroAsEpsilon:
		return p, nil
	}
	return "", fmt.Errorf("unknown zero policy %q: expected zero or eps", name)
}

// log returns the logarithm of an absolute error as the geometric mean takes it.
func (p ZeroPolicy) log(absolute float64) float64 {
	if absolute == 0 && p == ZeroAsEpsilon {
		absolute = zeroEpsilon
	}
	return math.Log(absolute)
}

// Options are the choices in which the official evaluations differ, and what is known of predictions beside their
// values.
type Options struct {
	GMZero ZeroPolicy
	// Spreads are the standard deviations of the predictions in label units, one for each; nil where they are not known.
	Spreads []float32
	// Law is the distribution whose standard deviations they are; empty: Gaussian.
	Law Law
	// Relevance is that of labels, for SERA; nil where it is not known.
	Relevance *relevance.Function
}
