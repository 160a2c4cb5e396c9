package conformance

import (
	"fmt"
	"math"
	"strings"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix

	"github.com/dirbench/dirbench/methods"
)

func checkUVOTE(c *comparison, content []byte) error {
	return c.byKind(content, map[string]kindCheck{
		"head_weights":     (*comparison).checkHeadWeights,
		"head_weights_kde": (*comparison).checkHeadDensityWeights,
		"loss":             (*comparison).checkUVOTELoss,
		"predict":          (*comparison).checkVotes,
	})
}

// headWeightSlack: the authors' weights are summed in float32.
const headWeightSlack = 2

func (c *comparison) checkHeadWeights(name string, content []byte) error {
	var v struct {
		Counts []int `json:"train_count_per_label"`
		Rates  []float64
		LDS    *struct {
			Kernel string
			KS     int
			Sigma  float64
		}
		Weights [][]*float64 `json:"weight_per_label"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	var lds *methods.Kernel
	if v.LDS != nil {
		lds = &methods.Kernel{Kind: v.LDS.Kernel, Size: v.LDS.KS, Sigma: v.LDS.Sigma}
	}
	for m, rate := range v.Rates {
		weights, err := methods.UVOTEWeights(v.Counts, rate, lds)
		if err != nil {
			return err
		}
		var got, want []float64
		for label, w := range v.Weights[m] {
			if w != nil {
				got, want = append(got, weights[label]), append(want, *w)
			}
		}
		if err := c.addLoosely(fmt.Sprintf("%s: head %d", name, m), got, want, headWeightSlack); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) checkHeadDensityWeights(name string, content []byte) error {
	var v struct {
		Variant       string
		Labels, Rates []float64
		Bandwidth     float64
		Weights       [][]float64
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	if strings.Contains(v.Variant, "cut to integers") {
		v.Labels = mapped(v.Labels, math.Trunc)
	}
	for m, rate := range v.Rates {
		weights, err := methods.UVOTEDensityWeights(v.Labels, v.Bandwidth, rate)
		if err != nil {
			return err
		}
		want := expected{fmt.Sprintf("rate %g", rate), v.Weights[m]}
		if err := c.addResults(name, [][]float64{weights}, want); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) checkUVOTELoss(name string, content []byte) error {
	var v struct {
		Variant       string
		Epoch, Epochs float64
		Dynamic       bool
		Clamp         [2]float64
		Target        []float64
		Mu, Weights   [][]float64
		LogScale      [][]float64 `json:"log_scale"`
		Factors       []float64   `json:"head_factors"`
		Values        []float64   `json:"head_values"`
		Value         float64
		GradMu        [][]float64 `json:"grad_mu"`
		GradLogScale  [][]float64 `json:"grad_log_scale"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	uvote := methods.UVOTE{Dynamic: v.Dynamic, Low: v.Clamp[0], High: v.Clamp[1]}
	switch {
	case strings.Contains(v.Variant, "imdb-wiki"):
		uvote.FadeFirst = true
	case strings.Contains(v.Variant, "wind"), strings.Contains(v.Variant, "sts-b"):
		uvote.FadeFirst = v.Dynamic
	case !strings.Contains(v.Variant, "agedb"):
		return fmt.Errorf("variant %q: expected agedb, imdb-wiki, sts-b or wind in it", v.Variant)
	}
	got, err := c.call(func(in []*Node) []*Node {
		mu, logScale, weight := Transpose(in[0], 0, 1), Transpose(in[1], 0, 1), Transpose(in[2], 0, 1)
		value := uvote.Loss(mu, logScale, in[3], weight, in[4])
		return append([]*Node{value, uvote.Factors(in[4], len(v.Mu)), uvote.HeadLosses(mu, logScale, in[3], weight)},
			Gradient(value, in[0], in[1])...)
	}, v.Mu, v.LogScale, v.Weights, v.Target, v.Epoch/v.Epochs)
	if err != nil {
		return err
	}
	return c.addResults(name, got, expected{"value", []float64{v.Value}}, expected{"factors", v.Factors},
		expected{"heads", v.Values}, expected{"gradient of mu", flat(v.GradMu)},
		expected{"gradient of log scale", flat(v.GradLogScale)})
}

func (c *comparison) checkVotes(name string, content []byte) error {
	type voted struct{ Pred, Std []float64 }
	var v struct {
		Mu                  [][]float64
		LogScale            [][]float64 `json:"log_scale"`
		MinVar, Avg, AvgVar voted
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	for rule, want := range map[methods.VoteRule]voted{
		methods.VoteMostCertain: v.MinVar, methods.VoteMean: v.Avg, methods.VoteWeightedMeans: v.AvgVar,
	} {
		got, err := c.call(func(in []*Node) []*Node {
			prediction, deviation := rule.Predict(Transpose(in[0], 0, 1), Transpose(in[1], 0, 1))
			return []*Node{prediction, deviation}
		}, v.Mu, v.LogScale)
		if err != nil {
			return err
		}
		if err := c.addResults(name+" "+string(rule), got, expected{"prediction", want.Pred},
			expected{"deviation", want.Std}); err != nil {
			return err
		}
	}
	return nil
}
