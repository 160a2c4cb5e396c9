package models_test

import (
	"slices"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func trainableSize(store *model.Store) int {
	size := 0
	for v := range store.IterVariables() {
		if v.Trainable {
			size += v.Shape().Size()
		}
	}
	return size
}

// buildOnly builds fn's graph on an input of the given dimensions, without running it, and returns the output's shape.
func buildOnly(t *testing.T, store *model.Store, fn func(*model.Scope, *graph.Node) *graph.Node, dims ...int) []int {
	t.Helper()
	var shape []int
	exec, err := model.NewExec(goBackend(), store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		z := fn(scope, in[0])
		shape = z.Shape().Dimensions
		return []*graph.Node{z}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.Compile(shapes.Make(dtypes.Float32, dims...)); err != nil {
		t.Fatal(err)
	}
	return shape
}

func TestResNet50Size(t *testing.T) {
	store := model.NewStore()
	shape := buildOnly(t, store, func(scope *model.Scope, x *graph.Node) *graph.Node {
		z := models.ResNet50(scope.At("encoder"), x, false)
		if !slices.Equal(z.Shape().Dimensions, []int{1, 2048}) {
			t.Errorf("z has shape %s", z.Shape())
		}
		return models.Linear(scope.At("linear"), z, 1)
	}, 1, 224, 224, 3)
	if !slices.Equal(shape, []int{1, 1}) {
		t.Errorf("prediction has shape %v", shape)
	}
	if size := trainableSize(store); size != 23510081 {
		t.Errorf("got %d parameters, want 23510081", size)
	}
}

func TestTinyResNet(t *testing.T) {
	cfg := models.TinyConfig{Width: 4, Blocks: 1}
	store := seeded(1)
	encode := func(training bool) graphFn {
		return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
			z := models.TinyResNet(scope, in[0], cfg, training)
			if !training {
				return []*graph.Node{z}
			}
			loss := graph.ReduceAllSum(graph.Square(z))
			return append([]*graph.Node{z}, scope.BuildTrainableVariablesGradientsGraph(loss)...)
		}
	}
	x := wave(2, 8, 8, 3)
	out := run(t, store, encode(true), x)
	if len(out[0]) != 2*16 {
		t.Errorf("z has %d values, want 2·16", len(out[0]))
	}
	for i, grad := range out[1:] {
		if norm := l2(grad); !(norm > 0) {
			t.Errorf("gradient %d has norm %g", i, norm)
		}
	}
	variables := store.NumVariables()
	run(t, store, encode(false), x)
	if store.NumVariables() != variables {
		t.Error("the evaluation graph made parameters of its own")
	}
	// stem 3→4; stages 4→4, 4→8 and 8→16 of one block, the last two with a shortcut; two values per normalised channel.
	want := 9*(3*4+4*4+4*4+4*8+8*8+8*16+16*16) + 4*8 + 8*16 + 2*(4*3+8*3+16*3)
	if size := trainableSize(store); size != want {
		t.Errorf("got %d parameters, want %d", size, want)
	}
}
