package conformance

import (
	"encoding/json"
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix

	"github.com/dirbench/dirbench/methods"
)

func checkSRL(c *comparison, content []byte) error {
	return c.byKind(content, map[string]kindCheck{
		"env":           (*comparison).checkSRLEnvelope,
		"homo":          (*comparison).checkSRLHomogeneity,
		"contrastive":   (*comparison).checkSRLContrast,
		"batch":         (*comparison).checkSRLBatch,
		"uci_batch":     (*comparison).checkSRLUCI,
		"memory_update": (*comparison).checkSRLMemory,
	})
}

// surrogateCase is a loss over surrogates alone.
type surrogateCase struct {
	Surrogates [][]float64
	Variant    string
	Points     [][]float64
	Labels     []float64
	Value      *float64
	Grad       [][]float64 `json:"grad_surrogates"`
}

func (v surrogateCase) penalty() penaltyCase {
	return penaltyCase{Features: v.Surrogates, Value: v.Value, Grad: v.Grad}
}

func (c *comparison) checkSRLEnvelope(name string, content []byte) error {
	var v surrogateCase
	if err := decode(content, &v); err != nil {
		return err
	}
	return c.checkPenalty(name, v.penalty(), func(in []*Node) *Node { return methods.SRLEnvelope(in[0], in[1]) }, v.Points)
}

func (c *comparison) checkSRLHomogeneity(name string, content []byte) error {
	var v surrogateCase
	if err := decode(content, &v); err != nil {
		return err
	}
	if v.Labels == nil {
		v.Labels = ones(len(v.Surrogates))
	}
	homogeneity := map[string]func(in []*Node) *Node{
		"paper": func(in []*Node) *Node { return methods.SRLHomogeneity(in[0], in[1]) },
		"uci":   func(in []*Node) *Node { return methods.SRLHomogeneityDistance(in[0]) },
	}[v.Variant]
	if homogeneity == nil {
		sign, err := homogeneitySign(v.Variant)
		if err != nil {
			return err
		}
		homogeneity = func(in []*Node) *Node { return methods.SRLHomogeneityCosine(in[0], sign) }
	}
	return c.checkPenalty(name+" "+v.Variant, v.penalty(), homogeneity, v.Labels)
}

// homogeneitySign is that of the cosines in the code of a data set.
func homogeneitySign(variant string) (float64, error) {
	switch {
	case strings.Contains(variant, "imdb"), strings.Contains(variant, "sts-b"):
		return 1, nil
	case strings.Contains(variant, "agedb"):
		return -1, nil
	}
	return 0, fmt.Errorf("variant %q: expected agedb, imdb or sts-b in it, or, of surrogates alone, uci or paper", variant)
}

func (c *comparison) checkSRLContrast(name string, content []byte) error {
	var v struct {
		penaltyCase
		Bins           []int32
		Surrogates     [][]float64
		Temperature    float64
		DistanceWeight bool `json:"distance_weight"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	return c.checkPenalty(name, v.penaltyCase, func(in []*Node) *Node {
		return methods.SRLContrast(in[0], in[1], in[2], v.Temperature, v.DistanceWeight)
	}, v.Bins, v.Surrogates)
}

// srlBatch is a batch with all losses; each of them has its value and gradients.
type srlBatch struct {
	Variant               string
	Features              [][]float64
	Bins                  []int32
	Pred                  []float64
	Memory, Points        [][]float64
	Temperature, Momentum float64
	Surrogates            [][]float64
	L1, Contrastive       srlTerm
	Envelope              srlTerm `json:"env"`
	Homogeneity           srlTerm `json:"homo"`
	MLP                   []json.RawMessage
	MemoryAfter           [][]float64 `json:"memory_after"`
}

type srlTerm struct {
	Value        *float64
	Grad         [][]float64       `json:"grad_features"`
	GradPred     []float64         `json:"grad_pred"`
	GradNetworks []json.RawMessage `json:"grad_mlp"`
}

func (c *comparison) checkSRLBatch(name string, content []byte) error {
	var v srlBatch
	if err := decode(content, &v); err != nil {
		return err
	}
	sign, err := homogeneitySign(v.Variant)
	if err != nil {
		return err
	}
	inputs := []any{v.Bins, v.Memory, v.Points}
	surrogates := func(in []*Node) *Node { return methods.SRLSurrogates(in[0], in[1], in[2]) }
	got, err := c.call(func(in []*Node) []*Node { return []*Node{surrogates(in)} },
		append([]any{v.Features}, inputs...)...)
	if err != nil {
		return err
	}
	if err := c.addResults(name, got, expected{"surrogates", flat(v.Surrogates)}); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		want srlTerm
		loss func(in []*Node) *Node
	}{
		{"contrastive", v.Contrastive, func(in []*Node) *Node {
			return methods.SRLContrast(in[0], in[1], surrogates(in), v.Temperature, false)
		}},
		{"env", v.Envelope, func(in []*Node) *Node { return methods.SRLEnvelope(surrogates(in), in[3]) }},
		{"homo", v.Homogeneity, func(in []*Node) *Node {
			return methods.SRLHomogeneityCosine(surrogates(in), sign)
		}},
	} {
		penalty := penaltyCase{Features: v.Features, Value: part.want.Value, Grad: part.want.Grad}
		if err := c.checkPenalty(name+" "+part.name, penalty, part.loss, inputs...); err != nil {
			return err
		}
	}
	return nil
}

// checkSRLUCI: surrogates, without gradient to the features, pass a small network that the envelope and homogeneity
// train.
func (c *comparison) checkSRLUCI(name string, content []byte) error {
	var v srlBatch
	if err := decode(content, &v); err != nil {
		return err
	}
	network, err := parseMLP(v.MLP)
	if err != nil {
		return err
	}
	inputs := append([]any{v.Features, v.Bins, v.Memory, v.Points, v.Pred}, network...)
	got, err := c.call(func(in []*Node) []*Node {
		bins, parameters := in[1], in[5:]
		surrogates := mlp(methods.SRLSurrogates(StopGradient(in[0]), bins, in[2]), parameters)
		base := methods.Loss{Kind: methods.LossL1}.Mean(in[4], ConvertDType(bins, in[4].DType()), OnesLike(in[4]))
		contrast := methods.SRLContrast(in[0], bins, surrogates, v.Temperature, false)
		envelope, homogeneity := methods.SRLEnvelope(surrogates, in[3]), methods.SRLHomogeneityDistance(surrogates)
		results := []*Node{base, Gradient(base, in[4])[0], contrast, Gradient(contrast, in[0])[0], envelope, homogeneity,
			methods.SRLMemory(in[2], surrogates, v.Momentum)}
		return append(append(results, Gradient(envelope, parameters...)...), Gradient(homogeneity, parameters...)...)
	}, inputs...)
	if err != nil {
		return err
	}
	want := []expected{{"base", scalar(v.L1.Value)}, {"base gradient", v.L1.GradPred},
		{"contrast", scalar(v.Contrastive.Value)}, {"contrast gradient", flat(v.Contrastive.Grad)},
		{"envelope", scalar(v.Envelope.Value)},
		{"homogeneity", scalar(v.Homogeneity.Value)}, {"memory", flat(v.MemoryAfter)}}
	for _, term := range []srlTerm{v.Envelope, v.Homogeneity} {
		gradients, err := parseMLP(term.GradNetworks)
		if err != nil {
			return err
		}
		for i, g := range gradients {
			e := expected{name: fmt.Sprintf("gradient of network parameter %d", i)}
			if matrix, ok := g.([][]float64); ok {
				e.want = flat(matrix)
			} else {
				e.want = g.([]float64)
			}
			want = append(want, e)
		}
	}
	return c.addResults(name, got, want...)
}

// parseMLP reads the parameters of a network of two layers, or gradients with respect to them: weights [out, in] and
// bias [out] of each.
func parseMLP(content []json.RawMessage) ([]any, error) {
	if len(content) != 4 {
		return nil, fmt.Errorf("mlp: %d parameters, expected W1, b1, W2, b2", len(content))
	}
	var parameters []any
	for i, raw := range content {
		if i%2 == 0 {
			var weights [][]float64
			if err := decode(raw, &weights); err != nil {
				return nil, err
			}
			parameters = append(parameters, weights)
			continue
		}
		var bias []float64
		if err := decode(raw, &bias); err != nil {
			return nil, err
		}
		parameters = append(parameters, bias)
	}
	return parameters, nil
}

func mlp(x *Node, parameters []*Node) *Node {
	linear := func(x, weights, bias *Node) *Node { return Add(Einsum("bi,oi->bo", x, weights), InsertAxes(bias, 0)) }
	return linear(MaxScalar(linear(x, parameters[0], parameters[1]), 0.0), parameters[2], parameters[3])
}

func (c *comparison) checkSRLMemory(name string, content []byte) error {
	var v struct {
		Momentum    float64
		Memory      [][]float64
		Surrogates  [][]float64 `json:"epoch_surrogates"`
		MemoryAfter [][]float64 `json:"memory_after"`
	}
	if err := decode(content, &v); err != nil {
		return err
	}
	got, err := c.call(func(in []*Node) []*Node {
		return []*Node{methods.SRLMemory(in[0], in[1], v.Momentum)}
	}, v.Memory, v.Surrogates)
	if err != nil {
		return err
	}
	return c.addResults(name, got, expected{"memory", flat(v.MemoryAfter)})
}
