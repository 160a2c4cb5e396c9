package train

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
)

// batch is the input of one training step. A step may read several copies of its rows, each with an augmentation of its
// own: the inputs are those of the first copy, then those of the next, and so are the labels.
type batch struct {
	inputs               []*tensors.Tensor
	target, weight, bins *tensors.Tensor // [copies·m], one for each prediction: network units, loss weight, label bin
}

// all returns the tensors of the batch.
func (b batch) all() []*tensors.Tensor {
	return append(slices.Clone(b.inputs), b.bins, b.target, b.weight)
}

// stepTensors returns the inputs of a training step at a learning rate and a progress, as [trainingInputs] names them.
func (b batch) stepTensors(rate, progress float64) []*tensors.Tensor {
	return append(b.all(), scalar(rate), scalar(progress))
}

// measureTensors returns the inputs of a graph that measures features, as [measuringInputs] names them.
func (b batch) measureTensors() []*tensors.Tensor { return append(slices.Clone(b.inputs), b.bins) }

// stream returns the random numbers of a batch of a pass, nil for none.
type stream func(batch int) *rand.Rand

// batches yields the training rows in the given order from a batch on; the last batch is smaller if need be. Batches to
// come are assembled meanwhile; each has as many copies of its rows as there are streams, and random numbers of its own
// in each, so that a pass can begin with any. It ends early when ctx does. A batch is valid until the loop goes on: its
// memory is used again.
func (s *trainSet) batches(ctx context.Context, order []int, size, first int, copies ...stream) iter.Seq[batch] {
	return func(yield func(batch) bool) {
		assemble := func(i int) batch {
			var random []*rand.Rand
			for _, numbers := range copies {
				random = append(random, numbers(i))
			}
			b := s.batch(order[i*size:min((i+1)*size, len(order))], random...)
			upload(s.backend, b.all()...)
			return b
		}
		ahead := inOrder[batch]
		if size*s.rowBytes < smallBatch {
			ahead = inTurn[batch]
		}
		for b := range ahead(ctx, first, (len(order)+size-1)/size, assemble) {
			if !yield(b) {
				return
			}
			s.memory.Release(b.all()...)
		}
	}
}

// upload copies a batch to a device with memory of its own, such as a GPU, ahead of the step that reads it. Without a
// backend it does nothing.
func upload(backend compute.Backend, batch ...*tensors.Tensor) {
	if backend == nil || backend.HasSharedBuffers() {
		return
	}
	for _, t := range batch {
		t.MustMaterializeOnDevice(backend, false, 0)
	}
}

// batch assembles a copy of some rows for each source of random numbers; nil is one without augmentation.
func (s *trainSet) batch(rows []int, random ...*rand.Rand) batch {
	var inputs []*tensors.Tensor
	var labels []float32
	for _, numbers := range random {
		in, of := s.task.Batch(s.memory, datasets.Train, rows, numbers)
		inputs, labels = append(inputs, in...), append(labels, of...)
	}
	b := batch{inputs: inputs,
		target: s.memory.Tensor(shapes.Make(dtypes.Float32, len(labels))),
		weight: s.memory.Tensor(shapes.Make(dtypes.Float32, len(labels))),
		bins:   s.memory.Tensor(shapes.Make(dtypes.Int32, len(labels))),
	}
	tensors.MustMutableFlatData(b.target, func(target []float32) {
		tensors.MustMutableFlatData(b.weight, func(weight []float32) {
			tensors.MustMutableFlatData(b.bins, func(bins []int32) { s.fill(target, weight, bins, labels, rows) })
		})
	})
	return b
}

// fill writes what the loss needs for each label, of copies of the given rows if there is one a row.
func (s *trainSet) fill(target, weight []float32, bins []int32, labels []float32, rows []int) {
	for i, label := range labels {
		bin := s.space.Bin(label)
		target[i], weight[i], bins[i] = s.recipe.Target(label), s.weight[bin], int32(bin)
		if s.skipUnknown && label == 0 {
			weight[i], bins[i] = 0, -1 // FDS leaves it alone
		}
		if s.rowWeight != nil {
			weight[i] = s.rowWeight[rows[i%len(rows)]]
		}
	}
}

func scalar(v float64) *tensors.Tensor { return tensors.FromScalar(float32(v)) }

// prefetched is how many batches are assembled at the same time, ahead of the device. The rows of a large batch are
// spread over the cores besides, so that the number of cores asks for no more of them in memory.
const prefetched = 4

// inOrder yields what assemble returns for the numbers from first up to end, in their order. The next ones are already
// on their way, each in a goroutine of its own; none is left when the loop ends. It ends early when ctx does. A panic
// of assemble reaches the caller's goroutine, where the runner recovers.
func inOrder[T any](ctx context.Context, first, end int, assemble func(i int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		var running sync.WaitGroup
		defer running.Wait()
		var coming [prefetched]chan result[T] // the one of i is at i % prefetched
		start := func(i int) {
			if i >= end || ctx.Err() != nil {
				return
			}
			ready := make(chan result[T], 1)
			coming[i%prefetched] = ready
			running.Go(func() { ready <- attempt(i, assemble) })
		}
		for i := first; i < first+prefetched; i++ {
			start(i)
		}
		for i := first; i < end; i++ {
			select {
			case <-ctx.Done():
				return
			case r := <-coming[i%prefetched]:
				if r.failure != nil {
					panic(r.failure)
				}
				if ctx.Err() != nil || !yield(r.value) {
					return
				}
			}
			start(i + prefetched)
		}
	}
}

// smallBatch is the number of bytes up to which a batch is made faster than a goroutine that makes it.
const smallBatch = 64 << 10

// inTurn is inOrder without goroutines: each value is made when the loop asks for it.
func inTurn[T any](ctx context.Context, first, end int, assemble func(i int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := first; i < end && ctx.Err() == nil && yield(assemble(i)); i++ {
		}
	}
}

// result is a value or what its making panicked with.
type result[T any] struct {
	value   T
	failure any
}

func attempt[T any](i int, assemble func(i int) T) (r result[T]) {
	defer func() { r.failure = recover() }()
	r.value = assemble(i)
	return r
}

// Pipeline assembles batches as a training does, without a device that takes them.
type Pipeline struct {
	Task      task.Task
	BatchSize int
	// Floats has images normalised to float32 too, which is otherwise the first operation on the device. It makes the work
	// that of a pipeline that ends in such batches.
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
