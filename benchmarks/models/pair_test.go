package models_test

import (
	"math"
	"slices"
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func pairs(dropout float64, training bool) graphFn {
	return func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		cfg := models.PairConfig{Hidden: 3, Layers: 1, Dropout: dropout}
		return []*graph.Node{models.PairEncoder(scope, in[0], in[1], in[2], cfg, training)}
	}
}

func tokens(values ...int32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, 2, len(values)/2)
}

func TestPairEncoder(t *testing.T) {
	store, table := seeded(2), wave(6, 4)
	z := run(t, store, pairs(0, false), table, tokens(1, 2, 3, 4, 5, 0), tokens(2, 3, 0, 4, 5, 0))[0]
	if len(z) != 2*8*3 {
		t.Fatalf("z has %d values, want 2·24", len(z))
	}
	for i, row := range slices.Collect(slices.Chunk(z, 24)) {
		for j := range 6 {
			u, v := row[j], row[6+j]
			want := []float32{float32(math.Abs(float64(u - v))), u * v}
			near(t, "features", []float32{row[12+j], row[18+j]}, want, 1e-6)
			if i == 1 && u != v {
				t.Errorf("equal sentences have u=%g, v=%g", u, v)
			}
		}
	}
	padded := run(t, store, pairs(0, false), table, tokens(1, 2, 3, 0, 4, 5, 0, 0), tokens(2, 3, 0, 0, 4, 5, 0, 0))[0]
	near(t, "longer padding", padded, z, 1e-6)
}

// TestOneSentence: its feature is the first part of that of a pair.
func TestOneSentence(t *testing.T) {
	store, table := seeded(2), wave(6, 4)
	first := tokens(1, 2, 3, 4, 5, 0)
	pair := run(t, store, pairs(0, false), table, first, first)[0]
	one := run(t, store, func(scope *model.Scope, in []*graph.Node) []*graph.Node {
		return []*graph.Node{models.SentenceEncoder(scope, in[0], in[1:], models.PairConfig{Hidden: 3, Layers: 1}, false)}
	}, table, first)[0]
	near(t, "features", one, slices.Concat(pair[:6], pair[24:30]), 0)
}

func TestDropoutOnlyInTraining(t *testing.T) {
	store, table := seeded(2), wave(6, 4)
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	first, second := tokens(1, 2, 3, 4), tokens(2, 3, 4, 5)
	plain := run(t, store, pairs(0, false), table, first, second)[0]
	if evaluated := run(t, store, pairs(0.5, false), table, first, second)[0]; !slices.Equal(plain, evaluated) {
		t.Error("dropout changed an evaluation")
	}
	once := run(t, store, pairs(0.5, true), table, first, second)[0]
	again := run(t, store, pairs(0.5, true), table, first, second)[0]
	if slices.Equal(plain, once) || slices.Equal(once, again) {
		t.Error("dropout must be random in training")
	}
}
