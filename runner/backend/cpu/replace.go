package cpu

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"github.com/dirbench/dirbench/runner/backend/cpu/kernels"
)

// GoMLX has no operations for sequences and ranks, and no way to add one. So a kernel takes the place of other
// operations: the caller gives values of the right shapes, whatever computes them, and they become the outputs of the
// kernel. It must not have used them before.

// replace makes values the outputs of a kernel of some floating-point operations.
func replace(outputs []compute.Value, operations float64, run func(out, in [][]float32),
	inputs ...compute.Value) error {
	op := &operation{kernel: floatKernel(run), operations: operations}
	for _, in := range inputs {
		op.inputs = append(op.inputs, in.(*value))
	}
	op.seeThrough()
	for _, out := range outputs {
		v := out.(*value)
		if v.of.method == parameter || v.of.kernel != nil || len(v.of.outputs) != 1 {
			return fmt.Errorf("cpu: a kernel cannot take the place of %q %s", v.of.method, v.shape)
		}
		op.outputs = append(op.outputs, v)
	}
	for _, v := range append(op.outputs, op.inputs...) {
		if v.shape.DType != dtypes.Float32 {
			return fmt.Errorf("cpu: a kernel for float32 got %s", v.shape)
		}
	}
	for _, v := range op.outputs {
		v.of = op
	}
	r := op.outputs[0].recorder
	r.operations = append(r.operations, op)
	return nil
}

// Positions makes y the result of [kernels.Positions] for x [rows, columns], order [columns] and keep [columns]. All
// are float32.
func (b *Backend) Positions(y, x, order, keep compute.Value) error {
	return replace([]compute.Value{y}, 0, func(out, in [][]float32) { kernels.Positions(out[0], in[0], in[1], in[2]) }, x,
		order, keep)
}
