package models

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TorchTensor is a parameter as PyTorch stores it, row-major.
type TorchTensor struct {
	Shape  []int
	Values []float32
}

var (
	torchStem  = regexp.MustCompile(`^(conv|bn)1\.(\w+)$`)
	torchBlock = regexp.MustCompile(`^layer(\d)\.(\d+)\.(conv|bn|downsample\.)(\d)\.(\w+)$`)
	torchNorm  = map[string]string{"weight": "scale", "bias": "bias", "running_mean": "running_mean", "running_var": "running_var"}
)

// ResNet50Path translates the name of a parameter of torchvision's resnet50 (without the classifier) to its path below
// the scope of [ResNet50]; ok is false for other names.
func ResNet50Path(torchName string) (path string, ok bool) {
	if m := torchStem.FindStringSubmatch(torchName); m != nil {
		return resNetPath("stem", m[1] == "conv", m[2])
	}
	m := torchBlock.FindStringSubmatch(torchName)
	if m == nil {
		return "", false
	}
	index, err := strconv.Atoi(m[2])
	if err != nil {
		return "", false
	}
	unit, isConv := "conv"+m[4], m[3] == "conv"
	if m[3] == "downsample." {
		unit, isConv = "shortcut", m[4] == "0"
	}
	return resNetPath(fmt.Sprintf("stage%s/block%d/%s", m[1], index+1, unit), isConv, m[5])
}

func resNetPath(unit string, isConv bool, leaf string) (string, bool) {
	if isConv {
		return unit + "/kernel", leaf == "weight"
	}
	name, ok := torchNorm[leaf]
	return unit + "/" + name, ok
}

// SetResNet50 stores the parameters of torchvision's resnet50 under the scope of [ResNet50], before its first use.
// Names that [ResNet50Path] does not know are left out.
func SetResNet50(scope *model.Scope, params map[string]TorchTensor) error {
	for torchName, p := range params {
		path, ok := ResNet50Path(torchName)
		if !ok {
			continue
		}
		rank := 1
		if strings.HasSuffix(path, "/kernel") {
			rank = 4
		}
		if err := p.check(torchName, rank); err != nil {
			return err
		}
		if rank == 4 {
			p = p.kernel()
		}
		if err := p.store(scope, path); err != nil {
			return err
		}
	}
	return nil
}

// SetLinear stores a torch.nn.Linear under the scope of [Linear], before its first use.
func SetLinear(scope *model.Scope, weight, bias TorchTensor) error {
	if err := errors.Join(weight.check("weight", 2), bias.check("bias", 1)); err != nil {
		return err
	}
	if err := weight.transposed().store(scope, "weight"); err != nil {
		return err
	}
	return bias.store(scope, "bias")
}

// SetBiLSTM stores a bidirectional torch.nn.LSTM under the scope of [BiLSTM], before its first use. The names of params
// are torch's: weight_ih_l0, weight_ih_l0_reverse, bias_hh_l1, ...
func SetBiLSTM(scope *model.Scope, params map[string]TorchTensor, layers int) error {
	names := [][2]string{{"weight_ih", "input_weight"}, {"weight_hh", "hidden_weight"},
		{"bias_ih", "input_bias"}, {"bias_hh", "hidden_bias"}}
	for layer := range layers {
		for _, name := range names {
			torchName := fmt.Sprintf("%s_l%d", name[0], layer)
			both, err := bothDirections(params, torchName)
			if err != nil {
				return err
			}
			if err := both.store(scope, fmt.Sprintf("layer%d/%s", layer+1, name[1])); err != nil {
				return err
			}
		}
	}
	return nil
}

// bothDirections stacks a parameter with its reverse, matrices transposed.
func bothDirections(params map[string]TorchTensor, name string) (TorchTensor, error) {
	var both TorchTensor
	for _, key := range []string{name, name + "_reverse"} {
		p, ok := params[key]
		if !ok {
			return both, fmt.Errorf("torch parameter %q is missing", key)
		}
		rank := 1
		if strings.HasPrefix(name, "weight") {
			rank = 2
		}
		if err := p.check(key, rank); err != nil {
			return both, err
		}
		if rank == 2 {
			p = p.transposed()
		}
		both.Shape = append([]int{2}, p.Shape...)
		both.Values = append(both.Values, p.Values...)
	}
	return both, nil
}

// check verifies the rank and that there are as many values as the shape says.
func (p TorchTensor) check(name string, rank int) error {
	size := 1
	for _, dim := range p.Shape {
		size *= dim
	}
	if len(p.Shape) != rank || len(p.Values) != size {
		return fmt.Errorf("torch parameter %q has shape %v and %d values, want %d axes and as many values as their product",
			name, p.Shape, len(p.Values), rank)
	}
	return nil
}

func (p TorchTensor) store(scope *model.Scope, path string) error {
	value := tensors.FromFlatDataAndDimensions(p.Values, p.Shape...)
	_, err := scope.Store().CreateVariable(model.JoinPath(scope.Scope(), path), value)
	return err
}

// transposed swaps the axes of a matrix.
func (p TorchTensor) transposed() TorchTensor {
	rows, columns := p.Shape[0], p.Shape[1]
	out := make([]float32, len(p.Values))
	for r := range rows {
		for c := range columns {
			out[c*rows+r] = p.Values[r*columns+c]
		}
	}
	return TorchTensor{Shape: []int{columns, rows}, Values: out}
}

// kernel turns [out, in, height, width] into [height, width, in, out].
func (p TorchTensor) kernel() TorchTensor {
	out, in, height, width := p.Shape[0], p.Shape[1], p.Shape[2], p.Shape[3]
	taps := TorchTensor{Shape: []int{out * in, height * width}, Values: p.Values}.transposed()
	values := make([]float32, 0, len(p.Values))
	for tap := range height * width {
		plane := TorchTensor{Shape: []int{out, in}, Values: taps.Values[tap*out*in : (tap+1)*out*in]}
		values = append(values, plane.transposed().Values...)
	}
	return TorchTensor{Shape: []int{height, width, in, out}, Values: values}
}
