package models

import "fmt"

// DepthNames are the parameters of the official NYUD2 network, for the scopes of [DepthEncoder], [DepthFeature] and [DepthHead];
// the names are whole ("E.conv1.weight", "R.conv2.bias").
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
