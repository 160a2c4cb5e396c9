package models

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// sequenceKernels is a backend that computes a bidirectional LSTM, the maximum over time and their gradients as a
// whole, and only where there are tokens. The methods, described in package cpu, say that values which stand for the
// results are computed so.
type sequenceKernels interface {
	LSTM(states, gates, cells, x, mask, inputWeight, hiddenWeight, bias compute.Value) error
	LSTMGateGradient(dGates, dStates, mask, gates, cells, hiddenWeight compute.Value) error
	LSTMGradient(dx, dInputWeight, dHiddenWeight, dBias, dGates, x, states, mask, inputWeight compute.Value) error
	MaxOverTime(y, x, mask compute.Value) error
	MaxOverTimeGradient(dx, dy, y, x, mask compute.Value) error
}

// kernelsFor returns the backend of x if it has kernels for x and the precision of the network.
func kernelsFor(scope *model.Scope, x *Node) (sequenceKernels, bool) {
	k, ok := x.Graph().Backend().(sequenceKernels)
	return k, ok && computed(scope, x).DType() == dtypes.Float32
}

// lstmByKernels maps x [N, T, D] to hidden states [N, T, 2H]. mask [N, T] is 1 at tokens.
func lstmByKernels(k sequenceKernels, x, mask *Node, w lstmWeights) *Node {
	n, t, h := x.Shape().Dim(0), x.Shape().Dim(1), w.hidden.Shape().Dim(1)
	var in []*Node
	var states, gates, cells *Node
	forward := func(inputs []*Node) []*Node {
		in = inputs
		states, gates, cells = standIn(in, n, t, 2*h), standIn(in, n*t, 2, 4*h), standIn(in, n*t, 2, h)
		check(k.LSTM(valueOf(states), valueOf(gates), valueOf(cells), valueOf(in[0]), valueOf(mask), valueOf(in[1]),
			valueOf(in[2]), valueOf(in[3])))
		return []*Node{states}
	}
	backward := func(grads []*Node) []*Node {
		dGates := standIn(in, n*t, 2, 4*h)
		check(k.LSTMGateGradient(valueOf(dGates), valueOf(grads[0]), valueOf(mask), valueOf(gates), valueOf(cells),
			valueOf(in[2])))
		var d []*Node
		for _, x := range in {
			d = append(d, standIn(in, x.Shape().Dimensions...))
		}
		check(k.LSTMGradient(valueOf(d[0]), valueOf(d[1]), valueOf(d[2]), valueOf(d[3]), valueOf(dGates), valueOf(in[0]),
			valueOf(states), valueOf(mask), valueOf(in[1])))
		return d
	}
	return withGradient(forward, backward, x, w.input, w.hidden, w.bias)[0]
}

// maxByKernels takes, of x [N, T, C], the maximum over the positions where mask [N, T] is 1.
func maxByKernels(k sequenceKernels, x, mask *Node) *Node {
	var y *Node
	forward := func(in []*Node) []*Node {
		x = in[0]
		y = standIn(in, x.Shape().Dim(0), x.Shape().Dim(2))
		check(k.MaxOverTime(valueOf(y), valueOf(x), valueOf(mask)))
		return []*Node{y}
	}
	backward := func(grads []*Node) []*Node {
		dx := standIn([]*Node{x}, x.Shape().Dimensions...)
		check(k.MaxOverTimeGradient(valueOf(dx), valueOf(grads[0]), valueOf(y), valueOf(x), valueOf(mask)))
		return []*Node{dx}
	}
	return withGradient(forward, backward, x)[0]
}

// standIn is a node of the shape of a kernel's result, which the kernel writes in its place. It depends on all inputs,
// for otherwise they would have no gradient.
func standIn(inputs []*Node, dims ...int) *Node {
	var sum *Node
	for _, x := range inputs {
		if total := graph.ReduceAllSum(x); sum == nil {
			sum = total
		} else {
			sum = graph.Add(sum, total)
		}
	}
	return graph.BroadcastToDims(sum, dims...)
}

func valueOf(x *Node) compute.Value { return graph.InternalBackendOutputs(x)[0] }

func check(err error) {
	if err != nil {
		panic(err)
	}
}
