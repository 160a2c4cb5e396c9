package models

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Node is a value in a computation graph.
type Node = graph.Node

// InitSeedParam names the root parameter of a store that seeds all initial values; it is 0 when not set.
const InitSeedParam = "init_seed"

// Init fills the initial values of a parameter.
type Init func(rng *rand.Rand, values []float32)

// Param returns the trainable parameter name of the scope as a node of g's graph, creating it when the store has none.
//
// Initial values are drawn on the host from a generator seeded by (InitSeedParam, path of the parameter), so they
// depend on neither the backend nor the order in which parameters are created, nor on the other parameters.
func Param(scope *model.Scope, g graph.GraphProvider, name string, init Init, dims ...int) *Node {
	return variable(scope, name, init, dims...).NodeValue(g)
}

// buffer returns a variable that training updates by other means than the gradient.
func buffer(scope *model.Scope, name string, init Init, dims ...int) *model.Variable {
	return variable(scope, name, init, dims...).SetTrainable(false)
}

func variable(scope *model.Scope, name string, init Init, dims ...int) *model.Variable {
	if v := scope.GetVariable(name); v != nil {
		if v.Shape().CheckDims(dims...) != nil {
			exceptions.Panicf("parameter %q has shape %s in the store, the model needs %v", v.Path(), v.Shape(), dims)
		}
		return v
	}
	size := 1
	for _, dim := range dims {
		size *= dim
	}
	values := make([]float32, size)
	init(generator(scope, name), values)
	return scope.VariableWithValue(name, tensors.FromFlatDataAndDimensions(values, dims...))
}

func generator(scope *model.Scope, name string) *rand.Rand {
	seed := model.GetRootParamOr[int64](scope.Store(), InitSeedParam, 0)
	path := fnv.New64a()
	path.Write([]byte(model.JoinPath(scope.Scope(), name)))
	return rand.New(rand.NewPCG(uint64(seed), path.Sum64()))
}

// Zeros fills with 0.
func Zeros(*rand.Rand, []float32) {}

// Ones fills with 1.
func Ones(_ *rand.Rand, values []float32) {
	for i := range values {
		values[i] = 1
	}
}

// Normal draws from N(0, std²).
func Normal(std float64) Init {
	return func(rng *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32(std * rng.NormFloat64())
		}
	}
}

// Uniform draws from [-bound, bound).
func Uniform(bound float64) Init {
	return func(rng *rand.Rand, values []float32) {
		for i := range values {
			values[i] = float32(bound * (2*rng.Float64() - 1))
		}
	}
}

// HeFanOut draws a kernel×kernel convolution with outChannels outputs from N(0, 2/(kernel²·outChannels)), which keeps
// the variance of the gradient through ReLUs (He et al. 2015, section 2.2).
func HeFanOut(kernel, outChannels int) Init {
	return Normal(math.Sqrt(2 / float64(kernel*kernel*outChannels)))
}

// HeFanOut1D is HeFanOut for a convolution over time.
func HeFanOut1D(kernel, outChannels int) Init {
	return Normal(math.Sqrt(2 / float64(kernel*outChannels)))
}

// TorchLinear draws weights and biases as torch.nn.Linear does: uniformly within ±1/sqrt(fanIn).
func TorchLinear(fanIn int) Init { return Uniform(1 / math.Sqrt(float64(fanIn))) }

// TorchConv draws weights and biases as torch.nn.Conv2d does, uniformly within ±1/sqrt(fanIn), where fanIn is the
// kernel's area times its input channels.
func TorchConv(fanIn int) Init { return TorchLinear(fanIn) }

// TorchLSTM draws weights and biases as torch.nn.LSTM does: uniformly within ±1/sqrt(hidden).
func TorchLSTM(hidden int) Init { return Uniform(1 / math.Sqrt(float64(hidden))) }

// PrecisionParam names the root parameter of a store, a string, that says in what type the heavy part of a network is
// computed: convolutions, what lies between them, and the products of an LSTM. "bfloat16", or float32 when not set.
//
// Parameters, the statistics of batch normalisation, features, predictions and everything after them are float32 all
// the same (Micikevicius et al. 2018, "Mixed Precision Training"; the range of bfloat16 needs no scaling of the loss).
const PrecisionParam = "precision"

// BFloat16 is the value of [PrecisionParam] for half precision.
const BFloat16 = "bfloat16"

// computed converts inputs of a heavy operation to the type in which it is computed.
func computed(scope *model.Scope, x *Node) *Node {
	if model.GetRootParamOr(scope.Store(), PrecisionParam, "") == BFloat16 {
		return graph.ConvertDType(x, dtypes.BFloat16)
	}
	return x
}

func float32Of(x *Node) *Node { return graph.ConvertDType(x, dtypes.Float32) }

// withGradient computes outputs = forward(inputs) and replaces the automatic gradient of the whole computation by
// backward, which gets the gradients with respect to the outputs and returns those with respect to the inputs.
//
// GoMLX lets a gradient be replaced at one identity node only, so the outputs' identities record what arrives and
// the inputs' identities, which reverse differentiation visits later, hand out what backward makes of it. The automatic
// gradient in between is built but has no use, and compilation drops it. Every output must have a gradient.
func withGradient(forward func([]*Node) []*Node, backward func([]*Node) []*Node, inputs ...*Node) []*Node {
	var grads []*Node
	wrapped := make([]*Node, len(inputs))
	arrived := make([]*Node, 0)
	for i, x := range inputs {
		wrapped[i] = graph.IdentityWithCustomGradient(x, func(_, _ *Node) *Node {
			if grads == nil {
				grads = backward(arrived)
			}
			return grads[i]
		})
	}
	outputs := forward(wrapped)
	arrived = make([]*Node, len(outputs))
	for i, y := range outputs {
		outputs[i] = graph.IdentityWithCustomGradient(y, func(_, v *Node) *Node {
			arrived[i], grads = v, nil
			return v
		})
	}
	return outputs
}
