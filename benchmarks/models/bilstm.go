package models

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BiLSTM runs a stack of bidirectional LSTM layers over x [N, T, D] and returns the hidden states [N, T, 2·hidden], the
// forward direction first, with the semantics of torch.nn.LSTM on packed sequences and a zero initial state.
//
// mask [N, T], boolean or 0/1, is 1 at tokens; the tokens of a sequence are contiguous. Each direction starts at
// the first token it meets, and the states at the other positions are 0.
func BiLSTM(scope *model.Scope, x, mask *Node, hidden, layers int) *Node {
	mask = graph.ConvertDType(mask, dtypes.Float32)
	if kernels, ok := kernelsFor(scope, x); ok {
		for layer := range layers {
			x = lstmByKernels(kernels, x, mask, lstmWeightsOf(scope.At("layer%d", layer+1), x, hidden))
		}
		return x
	}
	steps := graph.TransposeAllAxes(x, 1, 0, 2)
	mask = bothWays(graph.InsertAxes(graph.Transpose(mask, 0, 1), -1))
	for layer := range layers {
		steps = biLSTMLayer(steps, mask, lstmWeightsOf(scope.At("layer%d", layer+1), steps, hidden))
	}
	return graph.TransposeAllAxes(steps, 1, 0, 2)
}

// lstmWeights are the parameters of a layer: input [2, D, 4·hidden], hidden [2, hidden, 4·hidden], bias [2, 4·hidden].
type lstmWeights struct{ input, hidden, bias *Node }

// lstmWeightsOf returns the parameters of the scope's layer for inputs [..., D].
func lstmWeightsOf(scope *model.Scope, x *Node, hidden int) lstmWeights {
	init, in := TorchLSTM(hidden), x.Shape().Dim(-1)
	return lstmWeights{
		input:  computed(scope, Param(scope, x, "input_weight", init, 2, in, 4*hidden)),
		hidden: computed(scope, Param(scope, x, "hidden_weight", init, 2, hidden, 4*hidden)),
		bias: graph.Add(Param(scope, x, "input_bias", init, 2, 4*hidden),
			Param(scope, x, "hidden_bias", init, 2, 4*hidden)),
	}
}

// biLSTMLayer maps x [T, N, D] to [T, N, 2·hidden]. Both directions are one computation with a leading direction
// axis of size 2, the second on reversed time.
func biLSTMLayer(x, mask *Node, w lstmWeights) *Node {
	steps, batch, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	gates := matMulDirections(graph.Reshape(bothWays(x), 2, -1, in), w.input)
	gates = graph.Add(gates, graph.InsertAxes(w.bias, 1))
	states := recur(graph.Reshape(gates, 2, steps, batch, -1), w.hidden, mask)
	return graph.Concatenate([]*Node{
		graph.Squeeze(graph.Slice(states, graph.AxisElem(0)), 0),
		graph.Reverse(graph.Squeeze(graph.Slice(states, graph.AxisElem(1)), 0), 0),
	}, -1)
}

// bothWays stacks x [T, ...] and its reverse in time.
func bothWays(x *Node) *Node { return graph.Stack([]*Node{x, graph.Reverse(x, 0)}, 0) }

// matMulDirections is x [2, P, K] · w [2, K, M] for each direction, computed in the type of w; the result has that of
// x.
func matMulDirections(x, w *Node) *Node {
	y := graph.DotGeneral(graph.ConvertDType(x, w.DType()), []int{2}, []int{0}, w, []int{1}, []int{0})
	return graph.ConvertDType(y, x.DType())
}
