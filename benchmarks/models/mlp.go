package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// MLP is a multi-layer perceptron: x [n, D] through linear layers of the given widths, each followed by ReLU,
// initialised as torch.nn.Linear is. The result z is [n, last width].
func MLP(scope *model.Scope, x *Node, widths []int) *Node {
	for i, width := range widths {
		x = ReLU(Linear(scope.At("layer%d", i+1), x, width))
	}
	return x
}

// Standardise returns (x - mean)·factor for each column of x [n, D]. Both are kept with the parameters of the scope, so
// that a trained network needs no data to know them: those of the store where it has them, else the given ones, of
// length D.
func Standardise(scope *model.Scope, x *Node, mean, factor []float32) *Node {
	return graph.Mul(graph.Sub(x, asRow(constant(scope, x, "mean", mean))), asRow(constant(scope, x, "factor", factor)))
}

// constant is a variable [D] that does not change.
func constant(scope *model.Scope, x *Node, name string, values []float32) *Node {
	v := scope.GetVariable(name)
	if v == nil {
		v = scope.VariableWithValue(name, tensors.FromFlatDataAndDimensions(values, len(values)))
	}
	if want := x.Shape().Dim(-1); v.Shape().CheckDims(want) != nil {
		exceptions.Panicf("%q has shape %s in the store, the inputs have %d columns", v.Path(), v.Shape(), want)
	}
	return v.SetTrainable(false).NodeValue(x)
}
