package models

import "fmt"

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
