package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// UpProjection brings x [B, H, W, C] to [B, height, width, channels]: it resizes bilinearly, then adds a residual branch, 5×5 and
// 3×3 convolution, and a projected shortcut, 5×5 convolution (Laina et al. 2016, section 3.2, in the bilinear form of
// Hu et al. 2019). Convolutions have no bias, each is batch-normalised, and are initialised as PyTorch's are.
func UpProjection(scope *model.Scope, x *Node, channels, height, width int, training bool) *Node {
	init := TorchConv(5 * 5 * x.Shape().Dim(-1))
	branch, shortcut := scope.At("conv1"), scope.At("shortcut")
	kernels := make([]*Node, 2)
	for i, at := range []*model.Scope{branch, shortcut} {
		kernels[i] = Param(at, x, "kernel", init, 5, 5, x.Shape().Dim(-1), channels)
	}
	both := resizeConvolve(computed(scope, x), computed(scope, graph.Concatenate(kernels, -1)), height, width)
	parts := graph.Split(both, -1, 2)
	y := ReLU(BatchNorm(branch, parts[0], training))
	y = torchConvNorm(scope.At("conv2"), y, channels, 3, training)
	return ReLU(graph.Add(y, BatchNorm(shortcut, parts[1], training)))
}

// torchConvNorm is a convolution of stride 1 with PyTorch's default initialisation, and batch normalisation.
func torchConvNorm(scope *model.Scope, x *Node, channels, kernel int, training bool) *Node {
	init := TorchConv(kernel * kernel * x.Shape().Dim(-1))
	return BatchNorm(scope, Conv2D(scope, x, channels, kernel, 1, init), training)
}
