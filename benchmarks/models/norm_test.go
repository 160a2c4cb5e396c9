package models_test

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func batchNorm(training bool) graphFn {
	return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.BatchNorm(scope, in[0], training)}
	}
}

// One channel with values 1, 2, 3, 6: mean 3, biased variance 3.5, unbiased 14/3.
func TestBatchNorm(t *testing.T) {
	store := model.NewStore()
	x := tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 6}, 2, 2, 1, 1)
	std := float32(math.Sqrt(3.5 + 1e-5))
	got := run(t, store, batchNorm(true), x)[0]
	near(t, "training", got, []float32{-2 / std, -1 / std, 0, 3 / std}, 1e-5)

	value := func(name string) []float32 { return flat(store.GetVariable("/" + name).MustValue()) }
	near(t, "running_mean", value("running_mean"), []float32{0.3}, 1e-6)
	near(t, "running_var", value("running_var"), []float32{0.9 + 0.1*14.0/3}, 1e-6)

	std = float32(math.Sqrt(0.9 + 1.4/3 + 1e-5))
	got = run(t, store, batchNorm(false), x)[0]
	near(t, "evaluation", got, []float32{0.7 / std, 1.7 / std, 2.7 / std, 5.7 / std}, 1e-5)
	near(t, "running_mean after evaluation", value("running_mean"), []float32{0.3}, 1e-6)
	if store.GetVariable("/running_var").Trainable || !store.GetVariable("/scale").Trainable {
		t.Error("scale must be trainable, running statistics must not")
	}
}

func TestBatchNormGradient(t *testing.T) {
	store := model.NewStore()
	x := wave(3, 2, 2, 2)
	own := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return normGradients(in[0], models.BatchNorm(scope, in[0], true), store)
	}
	automatic := func(_ *model.Scope, in []*graph.Node) []*graph.Node {
		mean := graph.ReduceAndKeep(in[0], graph.ReduceMean, 0, 1, 2)
		variance := graph.ReduceAndKeep(graph.Square(graph.Sub(in[0], mean)), graph.ReduceMean, 0, 1, 2)
		y := graph.Div(graph.Sub(in[0], mean), graph.Sqrt(graph.AddScalar(variance, 1e-5)))
		row := func(name string) *graph.Node {
			return graph.Reshape(store.GetVariable("/"+name).NodeValue(y), 1, 1, 1, 2)
		}
		return normGradients(in[0], graph.Add(graph.Mul(y, row("scale")), row("bias")), store)
	}
	got, want := run(t, store, own, x), run(t, store, automatic, x)
	for i, what := range []string{"dx", "dscale", "dbias"} {
		near(t, what, got[i], want[i], 1e-4)
	}
}

func normGradients(x, y *graph.Node, store *model.Store) []*graph.Node {
	node := func(name string) *graph.Node { return store.GetVariable("/" + name).NodeValue(x) }
	loss := graph.ReduceAllSum(graph.Exp(graph.Mul(y, x)))
	return graph.Gradient(loss, x, node("scale"), node("bias"))
}

// TestBatchNormShards: five samples in two shards are three and two, as torch.chunk divides them; each is normalised on
// its own, and the running statistics follow the first.
func TestBatchNormShards(t *testing.T) {
	store := model.NewStore()
	store.RootScope().SetParam(models.BatchNormShardsParam, 2)
	out := run(t, store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.BatchNorm(scope.At("norm"), in[0], true)}
	}, tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 10, 30}, 5, 1))[0]
	near(t, "normalised", out, []float32{-1.224736, 0, 1.224736, -1, 1}, 1e-5)
	near(t, "running mean", flat(store.GetVariable("/norm/running_mean").MustValue()), []float32{0.2}, 1e-6)
	near(t, "running variance", flat(store.GetVariable("/norm/running_var").MustValue()), []float32{0.9 + 0.1}, 1e-6)
}
