package models_test

import (
	"fmt"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func resized(height, width int, alignCorners bool) graphFn {
	return func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		y := models.Resize(in[0], height, width, alignCorners)
		return []*graph.Node{y, graph.Gradient(graph.ReduceAllSum(graph.Square(y)), in[0])[0]}
	}
}

// By hand from the definition: output pixel i samples (i + 1/2)·from/to - 1/2, or i·(from-1)/(to-1) with aligned
// corners, and positions beyond the border take its value. The gradient of Σy² is 2·Mᵀ·y for the matrix M of the
// interpolation.
func TestResize(t *testing.T) {
	row := tensors.FromFlatDataAndDimensions([]float32{0, 4, 8}, 1, 1, 3, 1)
	for _, c := range []struct {
		width    int
		align    bool
		want, dx []float32
	}{
		{6, false, []float32{0, 1, 3, 5, 7, 8}, []float32{0 + 1.5 + 1.5, 0.5 + 4.5 + 7.5 + 3.5, 2.5 + 10.5 + 16}},
		{5, true, []float32{0, 2, 4, 6, 8}, []float32{2, 2 + 8 + 6, 6 + 16}},
		{2, false, []float32{1, 7}, []float32{1.5, 0.5 + 3.5, 10.5}},
		{1, true, []float32{0}, []float32{0, 0, 0}},
		{3, false, []float32{0, 4, 8}, []float32{0, 8, 16}},
	} {
		t.Run(fmt.Sprintf("%d_%v", c.width, c.align), func(t *testing.T) {
			out := run(t, model.NewStore(), resized(1, c.width, c.align), row)
			near(t, "y", out[0], c.want, 1e-6)
			near(t, "dx", out[1], c.dx, 1e-6)
		})
	}
	square := tensors.FromFlatDataAndDimensions([]float32{0, 10, 2, 20, 4, 30, 6, 40}, 1, 2, 2, 2)
	out := run(t, model.NewStore(), resized(3, 3, true), square)
	near(t, "square", out[0], []float32{0, 10, 1, 15, 2, 20, 2, 20, 3, 25, 4, 30, 4, 30, 5, 35, 6, 40}, 1e-6)
}

// An up-projection never makes the enlarged image; its first convolutions must be those of one that does.
func TestUpProjection(t *testing.T) {
	x := wave(2, 3, 4, 5)
	for _, size := range [][2]int{{6, 8}, {5, 9}, {3, 4}} {
		store := seeded(3)
		up := func(fn func(*model.Scope, *graph.Node) *graph.Node) graphFn {
			return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
				y := fn(scope.At("up"), in[0])
				loss := graph.ReduceAllSum(graph.Mul(y, graph.Square(y)))
				wrt := []*graph.Node{in[0]}
				for _, name := range []string{"conv1", "conv2", "shortcut"} {
					wrt = append(wrt, store.GetVariable("/up/"+name+"/kernel").NodeValue(y))
				}
				return append([]*graph.Node{y}, graph.Gradient(loss, wrt...)...)
			}
		}
		got := run(t, store, up(func(scope *model.Scope, x *graph.Node) *graph.Node {
			return models.UpProjection(scope, x, 2, size[0], size[1], true)
		}), x)
		want := run(t, store, up(func(scope *model.Scope, x *graph.Node) *graph.Node {
			return plainUpProjection(scope, models.Resize(x, size[0], size[1], false))
		}), x)
		for i, what := range []string{"y", "dx", "conv1", "conv2", "shortcut"} {
			near(t, fmt.Sprintf("%v %s", size, what), got[i], want[i], 1e-3)
		}
	}
}

func plainUpProjection(scope *model.Scope, x *graph.Node) *graph.Node {
	convNorm := func(name string, x *graph.Node, kernel int) *graph.Node {
		at := scope.At("%s", name)
		return models.BatchNorm(at, models.Conv2D(at, x, 2, kernel, 1, models.Zeros), true)
	}
	y := convNorm("conv2", models.ReLU(convNorm("conv1", x, 5)), 3)
	return models.ReLU(graph.Add(y, convNorm("shortcut", x, 5)))
}
