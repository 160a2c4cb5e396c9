package models_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
)

// TestBiLSTMKernels: the kernels and the graph agree, in states and gradients, where sequences begin late, are whole,
// or have no token.
func TestBiLSTMKernels(t *testing.T) {
	const batch, steps, in, hidden = 37, 9, 6, 11
	random := rand.New(rand.NewPCG(1, 2))
	mask := make([]float32, batch*steps)
	for n := range batch {
		length := random.IntN(steps + 1)
		first := random.IntN(steps - length + 1)
		for t := range length {
			mask[n*steps+first+t] = 1
		}
	}
	fn := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		states := models.BiLSTM(scope, in[0], in[1], hidden, 2)
		// States where there is no token are no result: the graph keeps what is before them.
		states = graph.Mul(states, graph.BroadcastToDims(graph.InsertAxes(in[1], -1), states.Shape().Dimensions...))
		loss := graph.ReduceAllSum(graph.Square(graph.AddScalar(states, 0.3)))
		outputs := []*graph.Node{states, graph.Gradient(loss, in[0])[0]}
		return append(outputs, scope.BuildTrainableVariablesGradientsGraph(loss)...)
	}
	plain, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	on := func(backend compute.Backend) [][]float32 {
		return runOn(t, backend, seeded(3), fn, wave(batch, steps, in), tensors.FromFlatDataAndDimensions(mask, batch, steps))
	}
	got, want := on(goBackend()), on(plain)
	for i := range want {
		near(t, fmt.Sprintf("output %d", i), got[i], want[i], 1e-5)
	}
}

// TestPairKernels: the kernels and the graph agree on z and the gradients of all parameters of a [models.PairEncoder].
func TestPairKernels(t *testing.T) {
	fn := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		table := models.Param(scope, in[0], "table", models.Normal(1), 9, 5)
		z := models.PairEncoder(scope, table, in[0], in[1], models.PairConfig{Hidden: 4, Layers: 2}, true)
		loss := graph.ReduceAllSum(graph.Square(z))
		return append([]*graph.Node{z}, scope.BuildTrainableVariablesGradientsGraph(loss)...)
	}
	on := func(backend compute.Backend) [][]float32 {
		return runOn(t, backend, seeded(4), fn, [][]int32{{3, 4, 0, 0}, {8, 1, 2, 3}, {5, 0, 0, 0}},
			[][]int32{{1, 0, 0, 0}, {2, 2, 2, 0}, {7, 8, 6, 5}})
	}
	plain, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	got, want := on(goBackend()), on(plain)
	for i := range want {
		near(t, fmt.Sprintf("output %d", i), got[i], want[i], 1e-5)
	}
}
