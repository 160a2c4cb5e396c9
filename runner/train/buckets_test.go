package train

import (
	"math"
	"slices"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/task"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/internal/testruns"
	"github.com/dirbench/dirbench/runner/internal/testsuite"
	"github.com/dirbench/dirbench/runner/plan"
)

// lengthTask has rows of 1 to 40 tokens.
type lengthTask struct{ task.Task }

func (lengthTask) Split(datasets.Split) *task.Rows { return &task.Rows{Lengths: someLengths()} }

func someLengths() (lengths []int) {
	for row := range 1003 {
		lengths = append(lengths, row*row%40+1)
	}
	return lengths
}

// ordered returns the order of a pass over 1,003 rows in batches of 32.
func ordered(mixed bool, pass uint64, epoch int) []int {
	config := plan.Config{Recipe: task.Recipe{BatchSize: 32, MixedLengths: mixed}}
	f := &fit{trainer: &trainer{task: lengthTask{}, run: &plan.Run{Config: config}},
		random: map[string]uint64{plan.SeedOrder: 7}}
	f.at.Epoch = epoch
	return f.order(pass, allRows(1003))
}

// padded returns the tokens that an order computes, padding included, and how long each of its batches is.
func padded(order []int) (total int, batches []int) {
	lengths := someLengths()
	for batch := range slices.Chunk(order, 32) {
		longest := 0
		for _, row := range batch {
			longest = max(longest, lengths[row])
		}
		total += longest * len(batch)
		batches = append(batches, longest)
	}
	return total, batches
}

func TestOrderBuckets(t *testing.T) {
	plain, order := ordered(true, 0, 3), ordered(false, 0, 3)
	if !slices.Equal(slices.Sorted(slices.Values(order)), allRows(1003)) {
		t.Fatal("the order has not every row once")
	}
	if !slices.Equal(order, ordered(false, 0, 3)) || slices.Equal(order, ordered(false, 0, 4)) ||
		slices.Equal(order, ordered(false, 1, 3)) {
		t.Error("the order must follow from pass and epoch")
	}
	if !slices.Equal(order[992:], plain[992:]) {
		t.Errorf("the last batch is %v, want %v as without buckets", order[992:], plain[992:])
	}
	before, _ := padded(plain)
	after, batches := padded(order)
	if after > before*3/4 {
		t.Errorf("%d tokens with padding, %d without buckets", after, before)
	}
	if slices.IsSorted(batches[:8]) || slices.Equal(batches[:8], batches[8:16]) {
		t.Errorf("batches as long as %v: expected them shuffled", batches)
	}
	for window := range slices.Chunk(plain[:992], bucketWindow*32) {
		if slices.Equal(window, slices.SortedFunc(slices.Values(window), func(a, b int) int { return a*a%40 - b*b%40 })) {
			t.Error("mixed lengths have another order")
		}
	}
}

// withoutLengths hides that a task has lengths.
type withoutLengths struct{ task.Task }

func (t withoutLengths) Split(split datasets.Split) *task.Rows {
	rows := *t.Task.Split(split)
	rows.Lengths = nil
	return &rows
}

// TestPredictionsComeBackInOrder: batches of sentences by length give the predictions of batches in the order of rows.
func TestPredictionsComeBackInOrder(t *testing.T) {
	run := testruns.Plan(t, t.TempDir(), testsuite.Text(testsuite.STSB, "vanilla", ""))[0]
	loaded, backend := taskOf(t, run), testruns.OpenGo(t)
	predict := func(loaded task.Task) []float32 {
		trainer, err := newTrainer(backend, run, loaded)
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.close()
		predictions, err := trainer.predictSplit(t.Context(), datasets.Test)
		if err != nil {
			t.Fatal(err)
		}
		return predictions.values
	}
	got, want := predict(loaded), predict(withoutLengths{loaded})
	if slices.IsSorted(byLength(loaded, datasets.Test)) || len(got) != len(want) {
		t.Fatalf("%d predictions, want %d of rows in another order than by length", len(got), len(want))
	}
	for row := range got {
		if math.Abs(float64(got[row]-want[row])) > 1e-5 {
			t.Errorf("row %d: %g, want %g", row, got[row], want[row])
		}
	}
}
