package models

import (
	"fmt"
	"path"
	"strings"
)

// OwnTorchNames names the variables of a network that has no official PyTorch form, given by path and shape, after
// their scopes, in the form that PyTorch's modules have (parameters of a layer below its name):
//
//   - encoder/stem with kernel, scale, bias and running statistics is encoder.stem.conv (Conv1d, Conv2d without bias)
//     and encoder.stem.norm (BatchNorm);
//   - regressor with weight and bias is regressor (Linear), with kernel and bias a convolution;
//   - encoder/lstm/layer1, layer2, … are encoder.lstm (LSTM);
//   - encoder/word_vectors is encoder.word_vectors (Embedding).
//
// Everything else keeps its path, with dots, and its layout.
func OwnTorchNames(shapes map[string][]int) TorchNames {
	n := TorchNames{}
	for variable, shape := range shapes {
		n.own(variable, len(shape), func(sibling string) bool {
			_, there := shapes[path.Join(path.Dir(variable), sibling)]
			return there
		})
	}
	return n
}

// own adds a variable of a rank.
func (n TorchNames) own(variable string, rank int, has func(sibling string) bool) {
	scope, leaf := strings.ReplaceAll(path.Dir(variable), "/", "."), path.Base(variable)
	name, target := scope+"."+leaf, TorchTarget{Path: variable}
	switch {
	case leaf == "kernel" && (rank == 3 || rank == 4):
		target.layout = torchKernel
		if rank == 3 {
			target.layout = torchKernel1D
		}
		if name = scope + ".weight"; has("running_mean") {
			name = scope + ".conv.weight"
		}
	case leaf == "weight" && rank == 2:
		target.layout = torchMatrix
	case leaf == "word_vectors" && rank == 2:
		name, target.layout = name+".weight", torchTable
	case has("hidden_weight") && n.ownLSTM(variable):
		return
	default:
		if has("running_mean") {
			name = scope + normName(leaf, has("kernel"))
		}
		target.layout = unchanged(rank)
	}
	n[name] = target
}

// normName is the name of a variable of batch normalisation below its scope, which it may share with a convolution.
func normName(leaf string, shared bool) string {
	if leaf == "scale" {
		leaf = "weight"
	}
	if shared {
		return ".norm." + leaf
	}
	return "." + leaf
}

// ownLSTM adds both directions of a variable of a layer of [BiLSTM], false if it is something else.
func (n TorchNames) ownLSTM(variable string) (added bool) {
	var layer int
	if _, err := fmt.Sscanf(path.Base(path.Dir(variable)), "layer%d", &layer); err != nil {
		return false
	}
	scope := strings.ReplaceAll(path.Dir(path.Dir(variable)), "/", ".")
	for _, p := range lstmParts {
		if p.name != path.Base(variable) {
			continue
		}
		p.layout.both = true
		target := TorchTarget{Path: variable, layout: p.layout}
		name := fmt.Sprintf("%s.%s_l%d", scope, p.torch, layer-1)
		n[name] = target
		target.reverse = true
		n[name+"_reverse"] = target
		added = true
	}
	return added
}

// unchanged is the layout of a tensor of so many axes that is the same in PyTorch.
func unchanged(rank int) torchLayout {
	var layout torchLayout
	for axis := range rank {
		layout.axes = append(layout.axes, axis)
	}
	return layout
}
