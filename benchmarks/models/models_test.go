package models_test

import (
	"math"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	_ "github.com/dirbench/dirbench/runner/backend/cpu"
)

// goBackend runs one operation at a time: several matrix products at once can lock up its worker pool.
var goBackend = sync.OnceValue(func() compute.Backend {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		panic(err)
	}
	return backend
})

type graphFn = func(scope *model.Scope, in []*graph.Node) []*graph.Node

// run builds fn over the store and returns the flat float32 outputs.
func run(t *testing.T, store *model.Store, fn graphFn, inputs ...any) [][]float32 {
	t.Helper()
	return runOn(t, goBackend(), store, fn, inputs...)
}

func runOn(t *testing.T, backend compute.Backend, store *model.Store, fn graphFn, inputs ...any) [][]float32 {
	t.Helper()
	exec, err := model.NewExec(backend, store, fn)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		t.Fatal(err)
	}
	var flat [][]float32
	for _, output := range outputs {
		flat = append(flat, tensors.MustCopyFlatData[float32](output))
	}
	return flat
}

func near(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		// Negated, so that NaN fails.
		if !(math.Abs(float64(got[i]-want[i])) <= tolerance*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s[%d]: got %g, want %g", what, i, got[i], want[i])
		}
	}
}

// wave fills a tensor with irregular values in [-1, 1].
func wave(dims ...int) *tensors.Tensor {
	size := 1
	for _, dim := range dims {
		size *= dim
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(math.Sin(float64(i*i%997) + 0.7*float64(i)))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

func flat(x *tensors.Tensor) []float32 { return tensors.MustCopyFlatData[float32](x) }

func l2(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
