package train

import (
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // formulas read better without the prefix
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/methods"
)

// above is what the network computes above z.
type above struct {
	prediction *Node // [n], or [n, height, width] of dense labels, in network units
	deviation  *Node // [n] the standard deviation in network units; nil where no method knows it
	outputs    *Node // [n, outputs] of a method's own head; nil without one
	// rates multiply the learning rate of variables of the head.
	rates map[*model.Variable]float64
}

// regress builds the task's linear layer above z, or the head of the run's method.
func (t *trainer) regress(scope *model.Scope, z *Node) above {
	part, own := t.run.Method.Head()
	scope = scope.At(regressorScope)
	if !own {
		return above{prediction: t.task.Regress(scope, z)}
	}
	a := above{rates: map[*model.Variable]float64{}}
	var outputs []*Node
	for _, layer := range part.Method.Head.Layers(part.Values) {
		outputs = append(outputs, a.linear(scope.At("%s", layer.Name), z, layer))
	}
	a.outputs = joined(outputs, 1)
	a.prediction, a.deviation = part.Method.Head.Predict(a.outputs, part.Values)
	return a
}

// linear builds a layer of a head on z [n, dim] and notes its learning rate.
func (a above) linear(scope *model.Scope, z *Node, layer methods.Layer) *Node {
	weight := models.Param(scope, z, "weight", models.Normal(layer.Deviation), z.Shape().Dim(-1), layer.Outputs)
	bias := models.Param(scope, z, "bias", models.Zeros, layer.Outputs)
	if layer.Rate != 1 {
		a.rates[scope.GetVariable("weight")] = layer.Rate
		a.rates[scope.GetVariable("bias")] = layer.Rate
	}
	return Add(MatMul(z, weight), InsertAxes(bias, 0))
}
