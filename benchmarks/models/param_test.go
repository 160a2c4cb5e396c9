package models_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func linears(names ...string) graphFn {
	return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		var out []*graph.Node
		for _, name := range names {
			out = append(out, models.Linear(scope.At("%s", name), in[0], 3))
		}
		return out
	}
}

func seeded(seed int64) *model.Store {
	store := model.NewStore()
	store.SetParam("/"+models.InitSeedParam, seed)
	return store
}

func TestParamDependsOnSeedAndPathOnly(t *testing.T) {
	x := wave(2, 4)
	ab := run(t, seeded(7), linears("a", "b"), x)
	ba := run(t, seeded(7), linears("b", "a"), x)
	other := run(t, seeded(8), linears("a", "b"), x)
	if !slices.Equal(ab[0], ba[1]) || !slices.Equal(ab[1], ba[0]) {
		t.Error("initial values depend on the order of creation")
	}
	if slices.Equal(ab[0], ab[1]) || slices.Equal(ab[0], other[0]) {
		t.Error("initial values must differ by path and by seed")
	}
}

func TestParamIsSharedBetweenGraphs(t *testing.T) {
	store, x := seeded(1), wave(2, 4)
	first, second := run(t, store, linears("a"), x), run(t, store, linears("a"), x)
	if !slices.Equal(first[0], second[0]) {
		t.Error("a second graph got other parameters")
	}
}

func TestParamShapeMismatch(t *testing.T) {
	store := seeded(1)
	run(t, store, linears("a"), wave(2, 4))
	exec, err := model.NewExec(goBackend(), store, linears("a"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = exec.Call(wave(2, 5))
	if err == nil || !strings.Contains(err.Error(), `parameter "/a/weight" has shape`) {
		t.Errorf("got error %v", err)
	}
}

func TestInits(t *testing.T) {
	cases := []struct {
		name       string
		init       models.Init
		std, bound float64
	}{
		{"ones", models.Ones, 1, 1},
		{"normal", models.Normal(0.5), 0.5, 3},
		{"uniform", models.Uniform(0.3), 0.3 / math.Sqrt(3), 0.3},
		{"he", models.HeFanOut(3, 8), math.Sqrt(2.0 / 72), 1},
		{"linear", models.TorchLinear(16), 0.25 / math.Sqrt(3), 0.25},
		{"lstm", models.TorchLSTM(25), 0.2 / math.Sqrt(3), 0.2},
	}
	for _, c := range cases {
		fn := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
			return []*graph.Node{models.Param(scope, in[0], "p", c.init, 100, 100)}
		}
		values := run(t, seeded(3), fn, float32(0))[0]
		if std := l2(values) / 100; math.Abs(std-c.std) > 0.02*c.std {
			t.Errorf("%s: root mean square %g, want %g", c.name, std, c.std)
		}
		if float64(slices.Max(values)) > c.bound || float64(slices.Min(values)) < -c.bound {
			t.Errorf("%s: values beyond ±%g", c.name, c.bound)
		}
	}
}
