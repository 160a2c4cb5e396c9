package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/methods"
)

// call executes a graph once and returns its float64 results, flat.
func (c *comparison) call(build func([]*Node) []*Node, inputs ...any) ([][]float64, error) {
	results, err := CallOnceN(c.backend, build, inputs...)
	if err != nil {
		return nil, err
	}
	var flat [][]float64
	for _, result := range results {
		flat = append(flat, tensors.MustCopyFlatData[float64](result))
	}
	return flat, nil
}

// expected is a named result with its wanted values; nil: the file has none.
type expected struct {
	name string
	want []float64
}

// addResults compares results in the order of what is expected of them. Values near zero count relative to a
// thousandth of the largest beside them, or to a millionth where all are zero.
func (c *comparison) addResults(where string, got [][]float64, want ...expected) error {
	for i, e := range want {
		if e.want == nil {
			continue
		}
		floor := 1e-6
		for _, w := range e.want {
			floor = math.Max(floor, math.Abs(w)/1000)
		}
		if err := c.compare(where+" "+e.name, got[i], e.want, floor, 1); err != nil {
			return err
		}
	}
	return nil
}

// scalar is the wanted value of a scalar that the file may lack.
func scalar(value *float64) []float64 {
	if value == nil {
		return nil
	}
	return []float64{*value}
}

// mapped applies f to every value.
func mapped(values []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// refused reports an error where the authors' code fails and a clear error is the right answer.
func (c *comparison) refused(where string, err error) error {
	if err == nil {
		return fmt.Errorf("%s: expected an error", where)
	}
	c.values++
	return nil
}

// kindCheck compares one case, named for messages.
type kindCheck func(c *comparison, name string, content []byte) error

// byKind decodes a list of cases and checks each by its kind.
func (c *comparison) byKind(content []byte, kinds map[string]kindCheck) error {
	var cases []json.RawMessage
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, raw := range cases {
		var v struct{ Kind, Case string }
		if err := decode(raw, &v); err != nil {
			return err
		}
		check, ok := kinds[v.Kind]
		if !ok {
			return fmt.Errorf("case %d: kind %q is not known", i, v.Kind)
		}
		name := fmt.Sprintf("%d: %s, %s", i, v.Kind, v.Case)
		if err := check(c, name, raw); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkBalancedMSE(c *comparison, content []byte) error {
	var cases []struct {
		Loss         string
		Sigma        float64 `json:"noise_sigma"`
		Pred, Target []float64
		Params       struct {
			Weights, Means, Variances []float64
			Centers                   []float64 `json:"bucket_centers"`
			Density                   []float64 `json:"bucket_weights"`
		}
		Value     *float64
		Grad      []float64 `json:"grad_pred"`
		GradSigma *float64  `json:"grad_noise_sigma"`
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		losses := map[string]func(p, y, sigma *Node) *Node{
			"bmc": methods.BMC,
			"gai": func(p, y, sigma *Node) *Node {
				mixture := methods.Mixture{Weights: v.Params.Weights, Means: v.Params.Means, Variances: v.Params.Variances}
				return methods.GAI(p, y, sigma, mixture)
			},
			"bni": func(p, y, sigma *Node) *Node {
				return methods.BNI(p, y, sigma, methods.LabelDensity{Centers: v.Params.Centers, Density: v.Params.Density})
			},
		}
		loss, ok := losses[v.Loss]
		if !ok {
			return fmt.Errorf("case %d: loss %q: expected bmc, gai or bni", i, v.Loss)
		}
		got, err := c.call(func(in []*Node) []*Node {
			value := ReduceAllMean(loss(in[0], in[1], in[2]))
			return append([]*Node{value}, Gradient(value, in[0], in[2])...)
		}, v.Pred, v.Target, v.Sigma)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%d: %s sigma %g", i, v.Loss, v.Sigma)
		if err := c.addResults(name, got, expected{"value", scalar(v.Value)}, expected{"gradient", v.Grad},
			expected{"gradient of sigma", scalar(v.GradSigma)}); err != nil {
			return err
		}
	}
	return nil
}

// penaltyCase is what the cases of a penalty over the features of a batch have in common.
type penaltyCase struct {
	Case     string
	Features [][]float64
	Value    *float64
	Grad     [][]float64 `json:"grad_features"`
}

// checkPenalty compares the value of a penalty and its gradient with respect to the features, its first input.
func (c *comparison) checkPenalty(name string, v penaltyCase, penalty func(in []*Node) *Node, inputs ...any) error {
	got, err := c.call(func(in []*Node) []*Node {
		value := penalty(in)
		return []*Node{value, Gradient(value, in[0])[0]}
	}, append([]any{v.Features}, inputs...)...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var gradient []float64
	if v.Grad != nil {
		gradient = flat(v.Grad)
	}
	return c.addResults(name, got, expected{"value", scalar(v.Value)}, expected{"gradient", gradient})
}

func checkRankSim(c *comparison, content []byte) error {
	var cases []struct {
		penaltyCase
		Targets []float64
		Lambda  float64 `json:"lambda_"`
		Sampled []int   `json:"sampled_indices"`
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		order := ones(len(v.Targets)) // the file says which sample of a label was drawn
		for _, row := range v.Sampled {
			order[row] = 0
		}
		if err := c.checkPenalty(fmt.Sprintf("%d: %s", i, v.Case), v.penaltyCase, func(in []*Node) *Node {
			return methods.RankSim(in[0], in[1], methods.OnePerLabel(in[1], in[2]), v.Lambda)
		}, v.Targets, order); err != nil {
			return err
		}
	}
	return nil
}

func checkConR(c *comparison, content []byte) error {
	var cases []struct {
		penaltyCase
		Targets, Preds, Weights []float64
		W, Tau, E               float64
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		conr := methods.ConR{Width: v.W, Temperature: v.Tau, Push: v.E}
		if err := c.checkPenalty(fmt.Sprintf("%d: %d samples", i, len(v.Targets)), v.penaltyCase, func(in []*Node) *Node {
			return conr.Loss(in[0], in[1], in[2], in[3])
		}, v.Preds, v.Targets, v.Weights); err != nil {
			return err
		}
	}
	return nil
}

func checkOrdinalEntropy(c *comparison, content []byte) error {
	var cases []struct {
		penaltyCase
		Labels               []float64
		Tightness, Diversity *float64
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		name := fmt.Sprintf("%d: %s", i, v.Case)
		if err := c.checkPenalty(name, v.penaltyCase, func(in []*Node) *Node {
			tightness, diversity := methods.OrdinalEntropy(in[0], in[1])
			return Sub(tightness, diversity)
		}, v.Labels); err != nil {
			return err
		}
		got, err := c.call(func(in []*Node) []*Node {
			tightness, diversity := methods.OrdinalEntropy(in[0], in[1])
			return []*Node{tightness, diversity}
		}, v.Features, v.Labels)
		if err != nil {
			return err
		}
		if err := c.addResults(name, got, expected{"tightness", scalar(v.Tightness)},
			expected{"diversity", scalar(v.Diversity)}); err != nil {
			return err
		}
	}
	return nil
}

// checkRankNContrast: features are [n, 2 views, d] and their gradient too, labels [n] or [n, k].
func checkRankNContrast(c *comparison, content []byte) error {
	var cases []struct {
		Temperature float64
		Case        string
		Features    [][][]float64
		Labels      json.RawMessage
		Value       *float64
		Grad        [][][]float64 `json:"grad_features"`
	}
	if err := decode(content, &cases); err != nil {
		return err
	}
	for i, v := range cases {
		if len(v.Features) == 0 {
			return fmt.Errorf("case %d: features are missing", i)
		}
		labels, err := labelRows(v.Labels)
		if err != nil {
			return fmt.Errorf("case %d: %w", i, err)
		}
		penalty := penaltyCase{Features: views(v.Features), Grad: views(v.Grad), Value: v.Value}
		if err := c.checkPenalty(fmt.Sprintf("%d: %s", i, v.Case), penalty, func(in []*Node) *Node {
			return methods.RankNContrast(in[0], in[1], v.Temperature)
		}, slices.Repeat(labels, len(v.Features[0]))); err != nil {
			return err
		}
	}
	return nil
}

// views returns [n, v, d] as rows [v n, d], view after view.
func views(x [][][]float64) [][]float64 {
	if len(x) == 0 {
		return nil
	}
	var rows [][]float64
	for view := range x[0] {
		for _, sample := range x {
			rows = append(rows, sample[view])
		}
	}
	return rows
}

// labelRows reads labels [n] or [n, k] as rows.
func labelRows(content json.RawMessage) ([][]float64, error) {
	var rows [][]float64
	if json.Unmarshal(content, &rows) == nil {
		return rows, nil
	}
	var labels []float64
	if err := decode(content, &labels); err != nil {
		return nil, err
	}
	rows = nil
	for _, y := range labels {
		rows = append(rows, []float64{y})
	}
	return rows, nil
}
