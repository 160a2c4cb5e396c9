package train

import (
	"fmt"
	"time"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// compileMeter says how many graphs a trainer has compiled, one for each kind and each set of input shapes, and how
// long that took.
type compileMeter struct {
	graphs int
	time   time.Duration
}

// call executes a graph, which is compiled first if it has not been for inputs of these shapes; a panic or error of the
// backend comes back as an error.
func (t *trainer) call(exec *model.Exec, inputs ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	args, dims := make([]any, len(inputs)), make([]shapes.Shape, len(inputs))
	for i, in := range inputs {
		args[i], dims[i] = in, in.Shape()
	}
	defer t.waiting()()
	if err := t.compile(exec, dims); err != nil {
		return nil, err
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	return out, nil
}

func (t *trainer) compile(exec *model.Exec, inputs []shapes.Shape) error {
	began, before := time.Now(), t.compiled.graphs
	if _, err := exec.Compile(inputs...); err != nil {
		return fmt.Errorf("backend: %w", err)
	}
	if t.compiled.graphs > before {
		t.compiled.time += time.Since(began)
	}
	return nil
}

// compileStep compiles the training step for the shapes of a batch, unless it is.
func (t *trainer) compileStep(b batch) error {
	var all []shapes.Shape
	for _, in := range b.stepTensors(0, 0) {
		all = append(all, in.Shape())
	}
	_, err := t.step.Compile(all...)
	return err
}
