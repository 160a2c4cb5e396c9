package models_test

import (
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func pooled(_ *model.Scope, in []*graph.Node) []*graph.Node {
	y := models.MaxPool(in[0])
	return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in[0])[0]}
}

func TestMaxPool(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float32{
		-1, -2, -3, -4, -5,
		-6, -7, -8, -9, -1,
		-2, -3, -9, -5, -6,
		-7, -8, -9, -4, -3}, 1, 4, 5, 1)
	got := run(t, model.NewStore(), pooled, x)
	near(t, "y", got[0], []float32{-1, -2, -1, -2, -3, -1}, 0)
	near(t, "dx", got[1], []float32{
		-2, -4, 0, 0, 0,
		0, 0, 0, 0, -4,
		-4, -6, 0, 0, 0,
		0, 0, 0, 0, 0}, 0)
}

func TestMaxPoolTie(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float32{1, 5, 5, 1}, 1, 2, 2, 1)
	near(t, "dx", run(t, model.NewStore(), pooled, x)[1], []float32{0, 10, 0, 0}, 0)
}

func TestReLU(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float32{-2, 0, 3}, 3)
	got := run(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		y := models.ReLU(in[0])
		return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(y), in[0])[0]}
	}, x)
	near(t, "y", got[0], []float32{0, 0, 3}, 0)
	near(t, "dx", got[1], []float32{0, 0, 1}, 0)
}
