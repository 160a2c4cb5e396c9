package models_test

import (
	"math"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	lstmBatch, lstmSteps, lstmIn, lstmHidden = 3, 5, 4, 2
)

var lstmLengths = []int{5, 3, 1}

func lstmMask() *tensors.Tensor {
	mask := make([]float32, lstmBatch*lstmSteps)
	for n, length := range lstmLengths {
		for t := range length {
			mask[n*lstmSteps+t] = 1
		}
	}
	return tensors.FromFlatDataAndDimensions(mask, lstmBatch, lstmSteps)
}

func oneLayer(scope *model.Scope, in []*graph.Node) []*graph.Node {
	return []*graph.Node{models.BiLSTM(scope, in[0], in[1], lstmHidden, 1)}
}

func TestBiLSTMAgainstScalars(t *testing.T) {
	store := seeded(5)
	x := wave(lstmBatch, lstmSteps, lstmIn)
	got := run(t, store, oneLayer, x, lstmMask())[0]
	want := make([]float32, len(got))
	for n, length := range lstmLengths {
		forward, backward := make([]int, length), make([]int, length)
		for s := range length {
			forward[s], backward[s] = s, length-1-s
		}
		scalarLSTM(store, flat(x), n, 0, forward, want)
		scalarLSTM(store, flat(x), n, 1, backward, want)
	}
	near(t, "states", got, want, 1e-5)
}

// scalarLSTM visits the given time steps of sequence n and writes the hidden states of one direction.
func scalarLSTM(store *model.Store, x []float32, n, dir int, order []int, out []float32) {
	value := func(name string) []float32 { return flat(store.GetVariable("/layer1/" + name).MustValue()) }
	wi, wh, bi, bh := value("input_weight"), value("hidden_weight"), value("input_bias"), value("hidden_bias")
	const gates = 4 * lstmHidden
	h, c := make([]float64, lstmHidden), make([]float64, lstmHidden)
	for _, t := range order {
		z := make([]float64, gates)
		for k := range z {
			z[k] = float64(bi[dir*gates+k] + bh[dir*gates+k])
			for d := range lstmIn {
				z[k] += float64(wi[(dir*lstmIn+d)*gates+k] * x[(n*lstmSteps+t)*lstmIn+d])
			}
			for j := range h {
				z[k] += float64(wh[(dir*lstmHidden+j)*gates+k]) * h[j]
			}
		}
		for j := range h {
			i, f, g, o := logistic(z[j]), logistic(z[lstmHidden+j]), math.Tanh(z[2*lstmHidden+j]), logistic(z[3*lstmHidden+j])
			c[j] = f*c[j] + i*g
			h[j] = o * math.Tanh(c[j])
			out[((n*lstmSteps+t)*2+dir)*lstmHidden+j] = float32(h[j])
		}
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The gradient of a loss along the all-ones direction of each parameter and of the input, against central differences.
func TestBiLSTMGradient(t *testing.T) {
	store := seeded(5)
	x, mask := wave(lstmBatch, lstmSteps, lstmIn), lstmMask()
	grads := run(t, store, lstmLoss, x, mask)
	slope := func(change func(shift float32)) float32 {
		const h = 1e-2
		change(h)
		up := run(t, store, lstmLoss, x, mask)[0][0]
		change(-2 * h)
		down := run(t, store, lstmLoss, x, mask)[0][0]
		change(h)
		return (up - down) / (2 * h)
	}
	near(t, "x", []float32{sum(grads[1])}, []float32{slope(func(shift float32) { x = shifted(x, shift) })}, 2e-3)
	i := 2
	for v := range store.IterVariables() {
		want := slope(func(shift float32) {
			if err := v.SetValue(shifted(v.MustValue(), shift)); err != nil {
				t.Fatal(err)
			}
		})
		near(t, v.Path(), []float32{sum(grads[i])}, []float32{want}, 2e-3)
		i++
	}
	if i != len(grads) {
		t.Errorf("got %d gradients for %d parameters", len(grads), i)
	}
}

func lstmLoss(scope *model.Scope, in []*graph.Node) []*graph.Node {
	states := models.BiLSTM(scope, in[0], in[1], lstmHidden, 2)
	loss := graph.ReduceAllSum(graph.Exp(states))
	outputs := []*graph.Node{loss, graph.Gradient(loss, in[0])[0]}
	return append(outputs, scope.BuildTrainableVariablesGradientsGraph(loss)...)
}

func shifted(x *tensors.Tensor, shift float32) *tensors.Tensor {
	values := flat(x)
	for i := range values {
		values[i] += shift
	}
	return tensors.FromFlatDataAndDimensions(values, x.Shape().Dimensions...)
}

func sum(values []float32) (total float32) {
	for _, v := range values {
		total += v
	}
	return total
}
