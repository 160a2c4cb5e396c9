package task

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

const longSentence = "one two three four five six seven eight nine ten"

// TestPairLengths: a batch is as long as its longest sentence, in steps of eight up to the most tokens of the model.
func TestPairLengths(t *testing.T) {
	recipe := smallPairs()
	recipe.Text.MaxTokens = 10
	task, err := recipe.Load(written(t, pairMeta,
		datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"a cat", "the cat sat"}},
		datasets.Sample{ID: "b", Label: 4, Sentences: [2]string{longSentence + " eleven", " "}}), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mixed := mixedBy(t, task, methods.Resampled{Keep: []int{0},
		Synthetic: []methods.Synthetic{{First: 0, Second: 1, Share: 0.5}, {Noise: 0.1}}})
	for _, test := range []struct {
		task Task
		rows []int
		want int
	}{{task, []int{0}, 8}, {task, []int{0, 1, 0}, 10}, {mixed, []int{0, 2}, 8}, {mixed, []int{1}, 10}} {
		inputs, _ := test.task.Batch(nil, datasets.Train, test.rows, nil)
		for _, input := range inputs {
			if input.Shape().Rank() > 1 && input.Shape().Dim(1) != test.want {
				t.Errorf("rows %v: input of shape %s, want %d tokens", test.rows, input.Shape(), test.want)
			}
		}
	}
	if a, b := task.Split(datasets.Val).Lengths[0], mixed.Split(datasets.Train).Lengths[1]; a != 3 || b != 10 {
		t.Errorf("lengths %d and %d, want those of the longest sentences, 3 and 10", a, b)
	}
}

// TestPaddingHasNoEffect encodes pairs, plain, mixed and with noise, in batches of their own, without any padding, and
// in one with a long sentence.
func TestPaddingHasNoEffect(t *testing.T) {
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	recipe := smallPairs()
	recipe.Text.MaxTokens, recipe.Text.Layers = 24, 2
	task, err := recipe.Load(written(t, pairMeta,
		datasets.Sample{ID: "a", Label: 1, Sentences: [2]string{"a b c d e f g h", "h g f e d c b a"}},
		datasets.Sample{ID: "b", Label: 4, Sentences: [2]string{longSentence, longSentence + " " + longSentence}}),
		LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mixed := mixedBy(t, task, methods.Resampled{Keep: []int{0, 1}, Synthetic: []methods.Synthetic{{Noise: 0.5, Seed: 1}}})
	for _, test := range []struct {
		task  Task
		short int
	}{{task, 0}, {mixed, 0}, {mixed, 2}} {
		store := model.NewStore()
		store.RootScope().SetParam(models.InitSeedParam, int64(1))
		exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
			return []*graph.Node{test.task.Encode(scope.At("encoder"), inputs, false)}
		})
		if err != nil {
			t.Fatal(err)
		}
		encode := func(rows ...int) []float32 {
			inputs, _ := test.task.Batch(nil, datasets.Train, rows, nil)
			args := make([]any, len(inputs))
			for i, input := range inputs {
				args[i] = input
			}
			out, err := exec.Call(args...)
			if err != nil {
				t.Fatal(err)
			}
			return tensors.MustCopyFlatData[float32](out[0])[:test.task.Dim()]
		}
		trimmed, padded := encode(test.short), encode(test.short, 1)
		for i := range trimmed {
			if math.Abs(float64(trimmed[i]-padded[i])) > 1e-6 {
				t.Fatalf("row %d: feature %d is %g, with padding %g", test.short, i, trimmed[i], padded[i])
			}
		}
		if slices.Max(trimmed) <= 0 {
			t.Errorf("features %v", trimmed)
		}
	}
}
