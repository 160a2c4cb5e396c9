// Package models holds the neural networks of the benchmarks as GoMLX graph functions: an encoder maps inputs to a
// feature z and [Linear] is the regressor on z.
//
// Every function takes the scope of its parameters. The same function, called again on the same store, builds another
// graph (training, evaluation, feature extraction) over the same parameters. Whether batch statistics and dropout are
// on is the explicit argument training.
//
// Images are laid out [batch, height, width, channels], convolution kernels [height, width, in, out].
package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Conv2D applies a bias-free kernel×kernel convolution with zero padding kernel/2 on every side, as
// torch.nn.Conv2d(padding=kernel//2) does.
//
// x is [B, H, W, C]; the result is [B, H', W', outChannels] with H' = (H + 2·(kernel/2) - kernel)/stride + 1.
func Conv2D(scope *model.Scope, x *Node, outChannels, kernel, stride int, init Init) *Node {
	w := Param(scope, x, "kernel", init, kernel, kernel, x.Shape().Dim(-1), outChannels)
	return convolve(computed(scope, x), computed(scope, w), stride)
}

// Conv1D applies a bias-free convolution over time with zero padding kernel/2 at both ends, as
// torch.nn.Conv1d(padding=kernel//2) does.
//
// x is [B, T, C]; the result is [B, T', outChannels] with T' = (T + 2·(kernel/2) - kernel)/stride + 1.
func Conv1D(scope *model.Scope, x *Node, outChannels, kernel, stride int, init Init) *Node {
	w := Param(scope, x, "kernel", init, kernel, x.Shape().Dim(-1), outChannels)
	x, w = computed(scope, x), computed(scope, w)
	return graph.Squeeze(convolve(graph.InsertAxes(x, 1), graph.InsertAxes(w, 0), stride), 1)
}

// convolve is a convolution of x [B, H, W, C] with w [h, w, C, N]. Both backends have kernels of their own for it and
// for its gradients, but XLA's gradient of a 1×1 kernel takes several times as long on a CPU as the matrix product that
// it is.
func convolve(x, w *Node, stride int) *Node {
	if !onGoBackend(x) && w.Shape().Dim(0) == 1 && w.Shape().Dim(1) == 1 {
		return pointwise(x, w, stride)
	}
	top, left := w.Shape().Dim(0)/2, w.Shape().Dim(1)/2
	padding := [][2]int{{top, top}, {left, left}}
	return graph.Convolve(x, w).Strides(stride).PaddingPerDim(padding).Done()
}

// pointwise is a 1×1 convolution: a matrix product over the pixels that the stride keeps.
func pointwise(x, w *Node, stride int) *Node {
	if stride > 1 {
		every := graph.AxisRange().Stride(stride)
		x = graph.Slice(x, graph.AxisRange(), every, every)
	}
	in, out := w.Shape().Dim(2), w.Shape().Dim(3)
	dims := x.Shape().Dimensions
	y := graph.MatMul(graph.Reshape(x, -1, in), graph.Reshape(w, in, out))
	return graph.Reshape(y, dims[0], dims[1], dims[2], out)
}

// onGoBackend tells whether x is computed by the pure Go backend, for which a few operations take another form.
func onGoBackend(x *Node) bool { return x.Graph().Backend().String() == "go" }

// The constants of torch.nn.BatchNorm2d.
const (
	normMomentum = 0.1
	normEpsilon  = 1e-5
)

// BatchNormShardsParam names the root parameter of a store, an int, that says over how many shards of a batch
// [BatchNorm] takes its statistics in training; 1 when not set.
const BatchNormShardsParam = "batch_norm_shards"

// BatchNorm normalises each channel of x [B, ..., C] with the semantics of torch.nn.BatchNorm2d.
//
// In training it uses the mean and the biased variance of the batch, and moves the running mean and the running
// variance by 0.1 towards the batch's mean and unbiased variance. Otherwise it uses the running statistics. With
// several shards each has statistics of its own and the running ones follow the first, as under nn.DataParallel, which
// keeps the buffers of its first replica only. Shards are those of torch.chunk: the batch divided by their number,
// rounded up.
//
// It computes in float32; the result has the type of x.
func BatchNorm(scope *model.Scope, x *Node, training bool) *Node {
	return graph.ConvertDType(batchNorm(scope, float32Of(x), training), x.DType())
}

func batchNorm(scope *model.Scope, x *Node, training bool) *Node {
	channels := x.Shape().Dim(-1)
	scale := Param(scope, x, "scale", Ones, channels)
	bias := Param(scope, x, "bias", Zeros, channels)
	runningMean := buffer(scope, "running_mean", Zeros, channels)
	runningVar := buffer(scope, "running_var", Ones, channels)
	if !training && onGoBackend(x) {
		return graph.InternalBatchNormForInference(x, scale, bias, runningMean.NodeValue(x), runningVar.NodeValue(x),
			normEpsilon, -1)
	}
	if !training {
		factor := graph.Mul(scale, inverseStd(runningVar.NodeValue(x)))
		offset := graph.Sub(bias, graph.Mul(runningMean.NodeValue(x), factor))
		rows := graph.Reshape(x, -1, channels)
		return graph.ReshapeWithShape(graph.Add(mulRow(rows, factor), asRow(offset)), x.Shape())
	}
	var parts []*Node
	for i, shard := range shards(x, model.GetRootParamOr(scope.Store(), BatchNormShardsParam, 1)) {
		count := float64(shard.Shape().Size() / channels)
		if count < 2 {
			exceptions.Panicf("batch normalisation in training needs two values per channel or more, got input %s",
				shard.Shape())
		}
		normalized, mean, variance := normalizeBatch(shard, scale, bias)
		if i == 0 {
			approach(runningMean, mean)
			approach(runningVar, graph.MulScalar(variance, count/(count-1)))
		}
		parts = append(parts, normalized)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return graph.Concatenate(parts, 0)
}

// shards splits x along its first axis into at most n parts.
func shards(x *Node, n int) []*Node {
	total := x.Shape().Dim(0)
	size := (total + n - 1) / n
	if size == total {
		return []*Node{x}
	}
	var parts []*Node
	for from := 0; from < total; from += size {
		parts = append(parts, graph.SliceAxis(x, 0, graph.AxisRange(from, min(from+size, total))))
	}
	return parts
}

func approach(running *model.Variable, batch *Node) {
	batch = graph.StopGradient(batch)
	old := running.NodeValue(batch)
	running.SetNodeValue(graph.Add(old, graph.MulScalar(graph.Sub(batch, old), normMomentum)))
}

// normalizeBatch returns (x - mean)/std · scale + bias for each channel of x [..., C], and the mean and biased variance
// [C]. The Go backend has kernels for it and its gradient.
func normalizeBatch(x, scale, bias *Node) (normalized, mean, variance *Node) {
	if onGoBackend(x) {
		return graph.InternalBatchNormForTraining(x, scale, bias, normEpsilon, -1)
	}
	normalized, mean, variance = normalizeRows(graph.Reshape(x, -1, x.Shape().Dim(-1)), scale, bias)
	return graph.ReshapeWithShape(normalized, x.Shape()), mean, variance
}

// normalizeRows is normalizeBatch for x [P, C]. The gradient is that of Ioffe and Szegedy (2015), section 3, written
// out: it reads the batch half as often as the automatic one.
func normalizeRows(x, scale, bias *Node) (normalized, mean, variance *Node) {
	var centered, invStd *Node
	forward := func(in []*Node) []*Node {
		x, scale, bias = in[0], in[1], in[2]
		mean = graph.ReduceMean(x, 0)
		centered = graph.Sub(x, asRow(mean))
		variance = graph.ReduceMean(graph.Square(centered), 0)
		invStd = inverseStd(variance)
		return []*Node{graph.Add(mulRow(centered, graph.Mul(scale, invStd)), asRow(bias))}
	}
	backward := func(grads []*Node) []*Node {
		dy, factor := grads[0], graph.Mul(scale, invStd)
		meanDy, meanDyCentered := graph.ReduceMean(dy, 0), graph.ReduceMean(graph.Mul(dy, centered), 0)
		slope := graph.Mul(graph.Mul(factor, graph.Square(invStd)), meanDyCentered)
		dx := graph.Sub(mulRow(dy, factor), mulRow(centered, slope))
		dx = graph.Sub(dx, asRow(graph.Mul(factor, meanDy)))
		count := float64(x.Shape().Dim(0))
		dScale := graph.MulScalar(graph.Mul(meanDyCentered, invStd), count)
		return []*Node{dx, dScale, graph.MulScalar(meanDy, count)}
	}
	normalized = withGradient(forward, backward, x, scale, bias)[0]
	return normalized, mean, variance
}

// inverseStd has no gradient of its own: normalizeBatch accounts for it.
func inverseStd(variance *Node) *Node {
	return graph.StopGradient(graph.Rsqrt(graph.AddScalar(variance, normEpsilon)))
}

func asRow(v *Node) *Node { return graph.Reshape(v, 1, -1) }

func mulRow(x, v *Node) *Node { return graph.Mul(x, asRow(v)) }

// Linear is the regressor: z [..., D] to [..., out], initialised as torch.nn.Linear is.
func Linear(scope *model.Scope, z *Node, out int) *Node {
	in := z.Shape().Dim(-1)
	weight := Param(scope, z, "weight", TorchLinear(in), in, out)
	bias := Param(scope, z, "bias", TorchLinear(in), out)
	dims := append([]int{}, z.Shape().Dimensions...)
	dims[len(dims)-1] = out
	rows := graph.MatMul(graph.Reshape(z, -1, in), weight)
	return graph.Reshape(graph.Add(rows, asRow(bias)), dims...)
}

// MaxPool takes the maximum of 3×3 windows at stride 2, the border padded with -inf: torch.nn.MaxPool2d(3, 2, 1).
// x is [B, H, W, C], the result [B, (H+1)/2, (W+1)/2, C].
//
// The window is separable, and each axis is the maximum of three strided shifts. Where a window holds its
// maximum more than once, the first position in reading order has the gradient, as in torch.
func MaxPool(x *Node) *Node { return maxPoolAxis(maxPoolAxis(x, 2), 1) }

func maxPoolAxis(x *Node, axis int) *Node {
	size := x.Shape().Dim(axis)
	pads := make([]graph.PadAxis, x.Rank())
	pads[axis] = graph.PadAxis{Start: 1, End: 1}
	x = graph.Pad(x, graph.Infinity(x.Graph(), x.DType(), -1), pads...)
	out := (size + 1) / 2
	window := func(first int) *Node {
		return graph.SliceAxis(x, axis, graph.AxisRange(first, first+2*(out-1)+1).Stride(2))
	}
	return maximum(maximum(window(0), window(1)), window(2))
}

// maximum prefers a where both are equal. Unlike graph.Max, its gradient at -inf is not NaN.
func maximum(a, b *Node) *Node {
	return graph.Where(graph.GreaterOrEqual(a, b), a, b)
}

// ReLU is max(x, 0), by a form whose gradient takes one operation.
func ReLU(x *Node) *Node {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	return graph.Where(graph.GreaterThan(x, zero), x, zero)
}

// GlobalAveragePool averages x [B, H, W, C] over the image; the result is [B, C] in float32.
func GlobalAveragePool(x *Node) *Node { return graph.ReduceMean(float32Of(x), 1, 2) }
