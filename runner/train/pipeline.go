package train

import (
	"context"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// Pipeline assembles batches as a training does, without a device that takes them.
type Pipeline struct {
	Task      task.Task
	BatchSize int
	// Floats has images normalised to float32 too, which is otherwise the first operation on the device. It makes the work that of
	// a pipeline that ends in such batches.
	Floats bool

	memory task.Memory
}

// Epoch assembles the augmented training batches of an epoch, counted from 0, and returns the number of samples.
func (p *Pipeline) Epoch(ctx context.Context, epoch int) (samples int, err error) {
	source := p.Task
	if p.Floats {
		source = task.WithFloats(source)
	}
	rows := source.Split(datasets.Train).Len()
	order := rand.New(rand.NewPCG(0, uint64(epoch))).Perm(rows)
	assemble := func(i int) []*tensors.Tensor {
		part := order[i*p.BatchSize : min((i+1)*p.BatchSize, rows)]
		inputs, _ := source.Batch(&p.memory, datasets.Train, part, rand.New(rand.NewPCG(uint64(epoch), uint64(i))))
		return inputs
	}
	err = Recovered(func() error {
		for inputs := range inOrder(ctx, 0, (rows+p.BatchSize-1)/p.BatchSize, assemble) {
			samples += inputs[0].Shape().Dim(0)
			p.memory.Release(inputs...)
		}
		return ctx.Err()
	})
	return samples, err
}
