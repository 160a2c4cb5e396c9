package models

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// DepthConfig sizes the depth network: the encoder–decoder of Hu et al. (2019), "Revisiting Single Image Depth
// Estimation", which the official NYUD2 benchmark uses.
type DepthConfig struct {
	Encoder string // resnet50 or tiny
	Width   int    // channels of the encoder's first tap, a multiple of 4; 256 for resnet50
}

// resNet50Width is the number of channels after the first stage of a ResNet-50.
const resNet50Width = 256

// Validate reports a configuration that no network can be built for.
func (c DepthConfig) Validate() error {
	switch {
	case c.Encoder != "resnet50" && c.Encoder != "tiny":
		return fmt.Errorf("encoder %q: expected resnet50 or tiny", c.Encoder)
	case c.Encoder == "resnet50" && c.Width != resNet50Width:
		return fmt.Errorf("width %d: resnet50 has %d", c.Width, resNet50Width)
	case c.Width < 4 || c.Width%4 != 0:
		return fmt.Errorf("width %d: expected a positive multiple of 4", c.Width)
	}
	return nil
}

// DepthFeatureDim is the number of channels of [DepthFeature].
func DepthFeatureDim(cfg DepthConfig) int { return cfg.Width / 2 }

// DepthEncoder maps images x [B, H, W, 3] to h [B, H', W', Width/2], where H' and W' are twice those of the first tap:
// half of H and W, rounded up to an even number. It holds what regressor re-training freezes: the encoder with taps at
// 1/4 to 1/32 of the image, the decoder D that goes up from the last tap, and the fusion MFF of all taps.
func DepthEncoder(scope *model.Scope, x *Node, cfg DepthConfig, training bool) *Node {
	taps := depthTaps(scope.At("backbone"), x, cfg, training)
	height, width := 2*taps[0].Shape().Dim(1), 2*taps[0].Shape().Dim(2)
	decoded := depthDecoder(scope.At("decoder"), taps, height, width, training)
	fused := depthFusion(scope.At("fusion"), taps, height, width, cfg.Width, training)
	return graph.Concatenate([]*Node{decoded, fused}, -1)
}

// DepthFeature maps h of [DepthEncoder] to the feature z [B, H', W', Width/2] of each pixel, by the first two
// convolutions of the refinement R. Together with [DepthHead] it is the regressor that is re-trained.
func DepthFeature(scope *model.Scope, h *Node, training bool) *Node {
	for _, name := range []string{"conv1", "conv2"} {
		h = ReLU(torchConvNorm(scope.At("%s", name), h, h.Shape().Dim(-1), 5, training))
	}
	return float32Of(h)
}

// DepthHead predicts the depth [B, H', W'] from the feature z [B, H', W', D].
func DepthHead(scope *model.Scope, z *Node) *Node {
	channels := z.Shape().Dim(-1)
	fanIn := 5 * 5 * channels
	depth := convolve(z, Param(scope, z, "kernel", TorchConv(fanIn), 5, 5, channels, 1), 1)
	bias := Param(scope, z, "bias", TorchConv(fanIn), 1)
	return graph.Squeeze(graph.Add(depth, graph.Reshape(bias, 1, 1, 1, 1)), -1)
}

// depthTaps returns the feature maps of the encoder at 1/4, 1/8, 1/16 and 1/32 of the image. The tiny encoder is a
// 3×3 convolution of stride 2 and four stages of one basic block, each halving the image.
func depthTaps(scope *model.Scope, x *Node, cfg DepthConfig, training bool) [4]*Node {
	if cfg.Encoder == "resnet50" {
		return ResNet50Stages(scope, x, training)
	}
	x = ReLU(convNorm(scope.At("stem"), x, cfg.Width, 3, 2, training))
	var taps [4]*Node
	for stage := range taps {
		x = residualStage(scope.At("stage%d", stage+1), x, cfg.Width<<stage, 1, true, basicBlock, training)
		taps[stage] = x
	}
	return taps
}

// depthDecoder halves the channels of the last tap and then goes up in four steps of half the channels, to the sizes of
// the other taps and to height×width.
func depthDecoder(scope *model.Scope, taps [4]*Node, height, width int, training bool) *Node {
	channels := taps[3].Shape().Dim(-1) / 2
	x := ReLU(torchConvNorm(scope.At("conv"), taps[3], channels, 1, training))
	for step := range 4 {
		h, w := height, width
		if step < 3 {
			h, w = taps[2-step].Shape().Dim(1), taps[2-step].Shape().Dim(2)
		}
		channels /= 2
		x = UpProjection(scope.At("up%d", step+1), x, channels, h, w, training)
	}
	return x
}

// depthFusion brings every tap to cfgWidth/16 channels at height×width and mixes them to cfgWidth/4 channels.
func depthFusion(scope *model.Scope, taps [4]*Node, height, width, cfgWidth int, training bool) *Node {
	ups := make([]*Node, len(taps))
	for i, tap := range taps {
		ups[i] = UpProjection(scope.At("up%d", i+1), tap, max(cfgWidth/16, 1), height, width, training)
	}
	return ReLU(torchConvNorm(scope.At("conv"), graph.Concatenate(ups, -1), cfgWidth/4, 5, training))
}

// UpProjection brings x [B, H, W, C] to [B, height, width, channels]: it resizes bilinearly, then adds a residual
// branch, 5×5 and 3×3 convolution, and a projected shortcut, 5×5 convolution (Laina et al. 2016, section 3.2, in the
// bilinear form of Hu et al. 2019). Convolutions have no bias, each is batch-normalised, and are initialised as
// PyTorch's are.
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

// DepthNames are the parameters of the official NYUD2 network, for the scopes of [DepthEncoder], [DepthFeature] and
// [DepthHead]; the names are whole ("E.conv1.weight", "R.conv2.bias").
func DepthNames() (encoder, feature, head TorchNames) {
	encoder = ResNet50Names().In("E.", "backbone")
	encoder.convNorm("D.conv", "D.bn", "decoder/conv")
	encoder.convNorm("MFF.conv", "MFF.bn", "fusion/conv")
	for i := 1; i <= 4; i++ {
		encoder.upProjection(fmt.Sprintf("D.up%d.", i), fmt.Sprintf("decoder/up%d/", i))
		encoder.upProjection(fmt.Sprintf("MFF.up%d.", i), fmt.Sprintf("fusion/up%d/", i))
	}
	feature = TorchNames{}
	feature.convNorm("R.conv0", "R.bn0", "conv1")
	feature.convNorm("R.conv1", "R.bn1", "conv2")
	head = TorchNames{
		"R.conv2.weight": {Path: "kernel", layout: torchKernel},
		"R.conv2.bias":   {Path: "bias", layout: torchVector},
	}
	return encoder, feature, head
}

func (n TorchNames) upProjection(torch, path string) {
	n.convNorm(torch+"conv1", torch+"bn1", path+"conv1")
	n.convNorm(torch+"conv1_2", torch+"bn1_2", path+"conv2")
	n.convNorm(torch+"conv2", torch+"bn2", path+"shortcut")
}
