package train

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
)

// rowTask is a task whose input is the row number, and with augmentation one random number after it.
type rowTask struct {
	task.Task
	rows task.Rows
}

func (t rowTask) Split(datasets.Split) *task.Rows { return &t.rows }

func (t rowTask) Batch(_ *task.Memory, _ datasets.Split, rows []int, random *rand.Rand) ([]*tensors.Tensor, []float32) {
	flat, labels := make([]float32, 0, 2*len(rows)), make([]float32, len(rows))
	for i, row := range rows {
		flat = append(flat, float32(row), random.Float32())
		labels[i] = float32(2 * row)
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(flat, len(rows), 2)}, labels
}

// rowSet is a training set of n rows whose labels are 0, 2, 4, …
func rowSet(n int) *trainSet {
	set := &trainSet{rows: n, recipe: task.Recipe{LabelScale: 4}, space: datasets.AgeSpace()}
	for bin := range set.space.Bins {
		set.weight = append(set.weight, float32(bin)/10)
	}
	set.task = rowTask{rows: task.Rows{IDs: make([]string, n)}}
	return set
}

func newRandom(batch int) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(batch))) }

func TestBatches(t *testing.T) {
	set, order := rowSet(10), []int{3, 1, 4, 9, 5, 2, 6, 8, 7, 0}
	var rows, sizes []int
	for b := range set.batches(t.Context(), order, 4, 0, newRandom) {
		inputs := b.inputs[0].Value().([][]float32)
		target, weight, bins := b.target.Value().([]float32), b.weight.Value().([]float32), b.bins.Value().([]int32)
		sizes = append(sizes, len(inputs))
		for i, input := range inputs {
			row := int(input[0])
			rows = append(rows, row)
			// The label is 2·row: network units are label/4, the bin is the age, its weight a tenth of that.
			if target[i] != float32(row)/2 || bins[i] != int32(2*row) || weight[i] != float32(2*row)/10 {
				t.Errorf("row %d: target %g, bin %d, weight %g", row, target[i], bins[i], weight[i])
			}
		}
	}
	if !slices.Equal(rows, order) || !slices.Equal(sizes, []int{4, 4, 2}) {
		t.Errorf("rows %v in batches of %v, want %v in 4, 4, 2", rows, sizes, order)
	}
}

// TestCopies: copies of the rows of a batch stand behind each other, each with the numbers of its own stream.
func TestCopies(t *testing.T) {
	set, order := rowSet(3), []int{2, 0, 1}
	set.rowWeight = []float32{10, 11, 12}
	other := func(batch int) *rand.Rand { return rand.New(rand.NewPCG(2, uint64(batch))) }
	for b := range set.batches(t.Context(), order, 3, 0, newRandom, other) {
		first, second := newRandom(0), other(0)
		for i, row := range order {
			plain, view := b.inputs[0].Value().([][]float32)[i], b.inputs[1].Value().([][]float32)[i]
			if want := []float32{float32(row), first.Float32()}; !slices.Equal(plain, want) {
				t.Errorf("copy 0 of row %d: %v, want %v", row, plain, want)
			}
			if want := []float32{float32(row), second.Float32()}; !slices.Equal(view, want) {
				t.Errorf("copy 1 of row %d: %v, want %v", row, view, want)
			}
			bins, weights := b.bins.Value().([]int32), b.weight.Value().([]float32)
			if bins[i] != int32(2*row) || bins[3+i] != bins[i] || weights[i] != float32(10+row) || weights[3+i] != weights[i] {
				t.Errorf("row %d: bins %v, weights %v", row, bins, weights)
			}
		}
	}
}

// TestBatchesRepeat: the random numbers do not depend on how fast the batches are taken.
func TestBatchesRepeat(t *testing.T) {
	set := rowSet(40)
	read := func(slow bool) (all []float32) {
		for b := range set.batches(t.Context(), make([]int, 40), 4, 0, newRandom) {
			if slow {
				runtime.Gosched()
				time.Sleep(time.Millisecond)
			}
			for _, input := range b.inputs[0].Value().([][]float32) {
				all = append(all, input[1])
			}
		}
		return all
	}
	if fast, slow := read(false), read(true); !slices.Equal(fast, slow) {
		t.Errorf("random numbers %v, then %v", fast, slow)
	}
}

// TestBatchesEnd leaves the loop early, by break and by the end of the context, and looks for goroutines left behind.
func TestBatchesEnd(t *testing.T) {
	set, order := rowSet(100), make([]int, 100)
	before := runtime.NumGoroutine()
	for range 20 {
		for range set.batches(t.Context(), order, 1, 0, newRandom) {
			break
		}
		if taken := takeUntilCancelled(t, set, order); taken != 3 {
			t.Fatalf("%d batches, want none after the third, which ended the context", taken)
		}
	}
	for tries := 0; runtime.NumGoroutine() > before; tries++ {
		if tries == 100 {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// takeUntilCancelled ends the context with the third batch and returns how many came.
func takeUntilCancelled(t *testing.T, set *trainSet, order []int) (taken int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range set.batches(ctx, order, 1, 0, newRandom) {
		if taken++; taken == 3 {
			cancel()
		}
	}
	return taken
}

// ownMemory is a backend whose device has memory of its own.
type ownMemory struct{ compute.Backend }

func (ownMemory) HasSharedBuffers() bool { return false }

// TestBatchesAreUploaded: a batch is on such a device before anybody asks for it, and not on one that reads the host's
// memory.
func TestBatchesAreUploaded(t *testing.T) {
	set := rowSet(4)
	for _, backend := range []compute.Backend{testruns.OpenGo(t), ownMemory{testruns.OpenGo(t)}} {
		set.backend = backend
		for b := range set.batches(t.Context(), []int{0, 1, 2, 3}, 2, 0, newRandom) {
			for _, tensor := range b.all() {
				if tensor.IsOnDevice(0) == backend.HasSharedBuffers() {
					t.Errorf("shared buffers %v: on the device %v", backend.HasSharedBuffers(), tensor.IsOnDevice(0))
				}
			}
		}
	}
}
