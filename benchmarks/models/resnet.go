package models

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// TinyConfig sizes a [TinyResNet].
type TinyConfig struct {
	Width  int // channels of the first stage
	Blocks int // residual blocks per stage
}

// TinyResNet encodes small images x [B, S, S, 3], values in [-1, 1], into z [B, 4·Width]: a 3×3 convolution, three
// stages of basic blocks with Width, 2·Width and 4·Width channels, each stage but the first halving the
// image, and a global average (the CIFAR form of He et al. 2016, section 4.2, with projection shortcuts).
func TinyResNet(scope *model.Scope, x *Node, cfg TinyConfig, training bool) *Node {
	x = ReLU(convNorm(scope.At("stem"), x, cfg.Width, 3, 1, training))
	for stage := range 3 {
		at, width := scope.At("stage%d", stage+1), cfg.Width<<stage
		x = residualStage(at, x, width, cfg.Blocks, stage > 0, basicBlock, training)
	}
	return GlobalAveragePool(x)
}

// ResNet50 encodes x [B, 224, 224, 3] into z [B, 2048] with the network of the official age benchmarks: the stride of a
// bottleneck is on its 3×3 convolution, convolutions are initialised by [HeFanOut], nothing is pretrained.
func ResNet50(scope *model.Scope, x *Node, training bool) *Node {
	taps := ResNet50Stages(scope, x, training)
	return GlobalAveragePool(taps[len(taps)-1])
}

// resNet50Blocks are the numbers of bottlenecks in the four stages.
var resNet50Blocks = [4]int{3, 4, 6, 3}

// ResNet50Stages returns the feature maps after the four stages of a ResNet-50, with 256, 512, 1024 and 2048
// channels at 1/4, 1/8, 1/16 and 1/32 of the size of x [B, H, W, 3].
func ResNet50Stages(scope *model.Scope, x *Node, training bool) [4]*Node {
	x = MaxPool(ReLU(convNorm(scope.At("stem"), x, 64, 7, 2, training)))
	var taps [4]*Node
	for stage, blocks := range resNet50Blocks {
		x = residualStage(scope.At("stage%d", stage+1), x, 64<<stage, blocks, stage > 0, bottleneck, training)
		taps[stage] = x
	}
	return taps
}

// block is the residual branch of a block, before the sum.
type block func(scope *model.Scope, x *Node, width, stride int, training bool) *Node

func residualStage(scope *model.Scope, x *Node, width, blocks int, halve bool, branch block, training bool) *Node {
	for i := range blocks {
		stride := 1
		if halve && i == 0 {
			stride = 2
		}
		x = residual(scope.At("block%d", i+1), x, width, stride, branch, training)
	}
	return x
}

// residual is ReLU(branch(x) + shortcut(x)); the shortcut is a 1×1 convolution where the shape changes.
func residual(scope *model.Scope, x *Node, width, stride int, branch block, training bool) *Node {
	y := branch(scope, x, width, stride, training)
	if !x.Shape().Equal(y.Shape()) {
		x = convNorm(scope.At("shortcut"), x, y.Shape().Dim(-1), 1, stride, training)
	}
	return ReLU(graph.Add(y, x))
}

func basicBlock(scope *model.Scope, x *Node, width, stride int, training bool) *Node {
	x = ReLU(convNorm(scope.At("conv1"), x, width, 3, stride, training))
	return convNorm(scope.At("conv2"), x, width, 3, 1, training)
}

func bottleneck(scope *model.Scope, x *Node, width, stride int, training bool) *Node {
	x = ReLU(convNorm(scope.At("conv1"), x, width, 1, 1, training))
	x = ReLU(convNorm(scope.At("conv2"), x, width, 3, stride, training))
	return convNorm(scope.At("conv3"), x, 4*width, 1, 1, training)
}

func convNorm(scope *model.Scope, x *Node, channels, kernel, stride int, training bool) *Node {
	return BatchNorm(scope, Conv2D(scope, x, channels, kernel, stride, HeFanOut(kernel, channels)), training)
}

// ResNet50Names are the parameters of torchvision's resnet50 without its classifier, for the scope of [ResNet50].
func ResNet50Names() TorchNames {
	n := TorchNames{}
	n.convNorm("conv1", "bn1", "stem")
	for stage, blocks := range resNet50Blocks {
		for block := range blocks {
			torch := fmt.Sprintf("layer%d.%d.", stage+1, block)
			path := fmt.Sprintf("stage%d/block%d/", stage+1, block+1)
			for i := 1; i <= 3; i++ {
				n.convNorm(fmt.Sprintf("%sconv%d", torch, i), fmt.Sprintf("%sbn%d", torch, i), fmt.Sprintf("%sconv%d", path, i))
			}
			if block == 0 {
				n.convNorm(torch+"downsample.0", torch+"downsample.1", path+"shortcut")
			}
		}
	}
	return n
}

// convNorm adds a convolution without bias and its batch normalisation, which share a scope here.
func (n TorchNames) convNorm(conv, norm, path string) {
	n[conv+".weight"] = TorchTarget{Path: path + "/kernel", layout: torchKernel}
	n[norm+".weight"] = TorchTarget{Path: path + "/scale", layout: torchVector}
	for _, leaf := range []string{"bias", "running_mean", "running_var"} {
		n[norm+"."+leaf] = TorchTarget{Path: path + "/" + leaf, layout: torchVector}
	}
}

// LinearNames are the parameters of a torch.nn.Linear, for the scope of [Linear].
func LinearNames() TorchNames {
	return TorchNames{
		"weight": {Path: "weight", layout: torchMatrix},
		"bias":   {Path: "bias", layout: torchVector},
	}
}
