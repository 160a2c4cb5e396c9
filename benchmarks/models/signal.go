package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SignalConfig sizes a [SignalEncoder].
type SignalConfig struct {
	Width  int // channels of a ResNet's first stage
	Hidden int // features of a window, and of the recurrent layer
}

// SignalEncoder encodes recordings into z [B, len(groups)·Hidden]. Each group [B, W, S, C] holds W windows of S samples
// of C channels, and mask [B, W] is 1 where a recording has the window.
//
// Per group a one-dimensional ResNet makes a feature of every window, an [SRU] runs over the windows, and its outputs
// are averaged over those that exist. The kind of network is that of Yang et al. (2021), appendix on SHHS-DIR; its
// sizes were never published and are this project's.
func SignalEncoder(scope *model.Scope, groups []*Node, mask *Node, cfg SignalConfig, training bool) *Node {
	mask = graph.InsertAxes(mask, -1)
	summaries := make([]*Node, len(groups))
	for i, x := range groups {
		at, d := scope.At("group%d", i+1), x.Shape().Dimensions
		windows := windowResNet(at.At("resnet"), graph.Reshape(x, d[0]*d[1], d[2], d[3]), cfg, training)
		states := SRU(at.At("sru"), graph.Reshape(windows, d[0], d[1], cfg.Hidden), mask)
		total := graph.ReduceSum(graph.Mul(states, mask), 1)
		summaries[i] = graph.Div(total, graph.ReduceSum(mask, 1))
	}
	return graph.Concatenate(summaries, -1)
}

// windowResNet maps windows x [N, S, C] to features [N, Hidden]: a convolution of 15 taps at stride 4, maximum pooling
// at stride 2, three stages of one basic block with 7 taps at stride 2, average, linear layer.
func windowResNet(scope *model.Scope, x *Node, cfg SignalConfig, training bool) *Node {
	x = ReLU(convNorm1D(scope.At("stem"), x, cfg.Width, 15, 4, training))
	x = graph.Squeeze(maxPoolAxis(graph.InsertAxes(x, 1), 2), 1)
	for stage := range 3 {
		at, width := scope.At("stage%d", stage+1), cfg.Width<<stage
		y := ReLU(convNorm1D(at.At("conv1"), x, width, 7, 2, training))
		y = convNorm1D(at.At("conv2"), y, width, 7, 1, training)
		x = ReLU(graph.Add(y, convNorm1D(at.At("shortcut"), x, width, 1, 2, training)))
	}
	return Linear(scope.At("feature"), graph.ReduceMean(float32Of(x), 1), cfg.Hidden)
}

func convNorm1D(scope *model.Scope, x *Node, channels, kernel, stride int, training bool) *Node {
	x = Conv1D(scope, x, channels, kernel, stride, HeFanOut1D(kernel, channels))
	return BatchNorm(scope, x, training)
}

// SRU runs a simple recurrent unit over x [B, T, H] and returns its outputs [B, T, H] (Lei et al. 2018, "Simple
// Recurrent Units for Highly Parallelizable Recurrence", without the state in the gates):
//
//	f = sigmoid(W_f x + b_f), r = sigmoid(W_r x + b_r)
//	c_t = f_t c_{t-1} + (1 - f_t) (W x_t + b)
//	h_t = r_t tanh(c_t) + (1 - r_t) x_t
//
// Steps where mask [B, T, 1] is 0 leave the state as it is.
func SRU(scope *model.Scope, x, mask *Node) *Node {
	hidden := x.Shape().Dim(-1)
	gates := graph.Split(Linear(scope, x, 3*hidden), -1, 3)
	absent := graph.OneMinus(mask)
	forget := graph.Add(graph.Mul(graph.Sigmoid(gates[1]), mask), absent) // 1 at absent steps
	state := LinearScan(forget, graph.Mul(graph.OneMinus(forget), gates[0]))
	reset := graph.Sigmoid(gates[2])
	return graph.Add(graph.Mul(reset, graph.Tanh(state)), graph.Mul(graph.OneMinus(reset), x))
}

// LinearScan returns c [B, T, H] with c_t = a_t c_{t-1} + b_t from c_{-1} = 0. The maps c → a c + b compose to such
// maps, so the scan is done by doubling, in log T steps over the whole series (Blelloch 1990, "Prefix Sums and Their
// Applications", section 1.4). The gradient is such a scan in reverse time, written out: the automatic one keeps the
// results of every step.
func LinearScan(a, b *Node) *Node {
	var c *Node
	forward := func(in []*Node) []*Node {
		a, b = in[0], in[1]
		c = doublingScan(a, b)
		return []*Node{c}
	}
	backward := func(grads []*Node) []*Node {
		following := delayed(graph.Reverse(a, 1), 1, 0)
		dc := graph.Reverse(doublingScan(following, graph.Reverse(grads[0], 1)), 1)
		return []*Node{graph.Mul(dc, delayed(c, 1, 0)), dc}
	}
	return withGradient(forward, backward, a, b)[0]
}

func doublingScan(a, b *Node) *Node {
	for reach := 1; reach < a.Shape().Dim(1); reach *= 2 {
		b = graph.Add(b, graph.Mul(a, delayed(b, reach, 0)))
		a = graph.Mul(a, delayed(a, reach, 1))
	}
	return b
}

// delayed shifts x [B, T, H] by some steps to later times and fills the beginning.
func delayed(x *Node, steps int, fill float64) *Node {
	kept := graph.SliceAxis(x, 1, graph.AxisRange(0, x.Shape().Dim(1)-steps))
	return graph.Pad(kept, graph.Scalar(x.Graph(), x.DType(), fill), graph.PadAxis{}, graph.PadAxis{Start: steps},
		graph.PadAxis{})
}
