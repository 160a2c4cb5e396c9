package models_test

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// scan is LinearScan as a loop.
func scan(a, b []float32, batch, steps, hidden int) []float32 {
	c := make([]float32, len(b))
	for i := range batch {
		for h := range hidden {
			state := float32(0)
			for t := range steps {
				at := (i*steps+t)*hidden + h
				state = a[at]*state + b[at]
				c[at] = state
			}
		}
	}
	return c
}

func TestLinearScan(t *testing.T) {
	for _, steps := range []int{1, 2, 7, 16, 21} {
		a, b := wave(2, steps, 3), wave(2, steps, 3)
		out := run(t, model.NewStore(), func(_ *model.Scope, in []*graph.Node) []*graph.Node {
			c := models.LinearScan(in[0], in[1])
			return append([]*graph.Node{c}, graph.Gradient(graph.ReduceAllSum(graph.Square(c)), in[0], in[1])...)
		}, a, b)
		near(t, "scan", out[0], scan(flat(a), flat(b), 2, steps, 3), 1e-5)
		loss := func(a, b []float32) float64 {
			sum := 0.0
			for _, c := range scan(a, b, 2, steps, 3) {
				sum += float64(c) * float64(c)
			}
			return sum
		}
		const step = 1e-2
		for i := range flat(a) {
			for k, got := range []float32{out[1][i], out[2][i]} {
				up, down := [][]float32{flat(a), flat(b)}, [][]float32{flat(a), flat(b)}
				up[k][i] += step
				down[k][i] -= step
				want := (loss(up[0], up[1]) - loss(down[0], down[1])) / (2 * step)
				near(t, "gradient", []float32{got}, []float32{float32(want)}, 5e-3)
			}
		}
	}
}

// TestSRU compares with the formulas as a loop over time.
func TestSRU(t *testing.T) {
	const steps, hidden = 4, 3
	store, x := seeded(2), wave(1, steps, hidden)
	got := run(t, store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.SRU(scope, in[0], graph.Ones(in[0].Graph(), shapes.Make(in[0].DType(), 1, steps, 1)))}
	}, x)[0]
	weight, bias := flat(store.GetVariable("/weight").MustValue()), flat(store.GetVariable("/bias").MustValue())
	var want []float32
	cell := make([]float64, hidden)
	for step := range steps {
		row := flat(x)[step*hidden:][:hidden]
		for h := range hidden {
			var z [3]float64 // candidate, forget, reset
			for k := range z {
				z[k] = float64(bias[k*hidden+h])
				for d, v := range row {
					z[k] += float64(v * weight[d*3*hidden+k*hidden+h])
				}
			}
			forget, reset := logistic(z[1]), logistic(z[2])
			cell[h] = forget*cell[h] + (1-forget)*z[0]
			want = append(want, float32(reset*math.Tanh(cell[h])+(1-reset)*float64(row[h])))
		}
	}
	near(t, "outputs", got, want, 1e-5)
}

// TestSRUSkipsAbsentSteps: a recording that ends early has the same states as one that is cut there, and what stands in
// its absent windows does not matter.
func TestSRUSkipsAbsentSteps(t *testing.T) {
	store := model.NewStore()
	sru := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.SRU(scope.At("sru"), in[0], in[1])}
	}
	x := wave(1, 5, 4)
	values := flat(x)
	whole := run(t, store, sru, x, tensors.FromFlatDataAndDimensions([]float32{1, 1, 0, 0, 1}, 1, 5, 1))[0]
	present := append(append([]float32{}, values[:8]...), values[16:]...)
	cut := run(t, store, sru, tensors.FromFlatDataAndDimensions(present, 1, 3, 4),
		tensors.FromFlatDataAndDimensions([]float32{1, 1, 1}, 1, 3, 1))[0]
	near(t, "before the gap", whole[:8], cut[:8], 1e-6)
	near(t, "after the gap", whole[16:], cut[8:], 1e-6)
}

func TestSignalEncoderIgnoresAbsentWindows(t *testing.T) {
	store := model.NewStore()
	cfg := models.SignalConfig{Width: 2, Hidden: 3}
	encode := func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.SignalEncoder(scope, []*graph.Node{in[0], in[1]}, in[2], cfg, false)}
	}
	first, second := wave(2, 3, 64, 2), wave(2, 3, 240, 1)
	mask := tensors.FromFlatDataAndDimensions([]float32{1, 1, 0, 1, 1, 1}, 2, 3)
	z := run(t, store, encode, first, second, mask)[0]
	if len(z) != 2*6 {
		t.Fatalf("%d features, want 2 recordings × 2 groups × 3", len(z))
	}
	changed := flat(first)
	for i := 2 * 64 * 2; i < 3*64*2; i++ {
		changed[i] = 5
	}
	again := run(t, store, encode, tensors.FromFlatDataAndDimensions(changed, 2, 3, 64, 2), second, mask)[0]
	near(t, "features", again, z, 1e-6)
}
