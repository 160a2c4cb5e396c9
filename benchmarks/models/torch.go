package models

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// TorchTensor is a parameter as PyTorch stores it, row-major.
type TorchTensor struct {
	Shape  []int
	Values []float32
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
