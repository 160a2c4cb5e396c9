package models_test

import (
	"testing"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// mixedPairs takes a table, the token ids of the first and second parents, the share and perhaps the noise.
func mixedPairs(scope *model.Scope, in []*graph.Node) []*graph.Node {
	mix := models.PairMix{First: in[1:3], Second: in[3:5], Share: in[5]}
	if len(in) > 6 {
		mix.Noise = in[6]
	}
	return []*graph.Node{models.MixedPairEncoder(scope, in[0], mix, models.PairConfig{Hidden: 3, Layers: 1}, false)}
}

// TestMixedPairEncoder compares a pair between two parents with a plain pair of words whose vectors are computed by
// hand.
func TestMixedPairEncoder(t *testing.T) {
	store := seeded(2)
	// Word 1 to 4 are words; 5 is 0.25 of word 1 and 0.75 of word 3, 6 is 0.25 of word 2 alone, 7 is word 4 with noise.
	vectors := [][]float32{{9, 9}, {1, 2}, {-1, 0.5}, {3, -2}, {0.3, 0.7}, {2.5, -1}, {-0.25, 0.125}, {0.4, 0.6}}
	table := tensors.FromValue(vectors)
	share, none := tensors.FromValue([]float32{0.75, 0}), tensors.FromValue([]float32{0, 0})
	first, second := tokens(1, 2, 0, 1, 2, 3), tokens(4, 0, 0, 2, 0, 0)
	other, same := tokens(3, 0, 0, 1, 2, 3), tokens(4, 0, 0, 2, 0, 0)

	got := run(t, store, mixedPairs, table, first, second, other, same, share)[0]
	want := run(t, store, pairs(0, false), table, tokens(5, 6, 0, 1, 2, 3), second)[0]
	near(t, "between two pairs", got, want, 1e-6)
	got = run(t, store, mixedPairs, table, first, second, first, second, none)[0]
	near(t, "a pair and itself", got, run(t, store, pairs(0, false), table, first, second)[0], 1e-6)

	// Noise on the second sentence of the first pair: on its word and, without effect, on its padding.
	noise := make([]float32, 4*3*2)
	noise[2*3*2], noise[2*3*2+1], noise[2*3*2+2] = 0.1, -0.1, 5
	got = run(t, store, mixedPairs, table, first, second, first, second, none,
		tensors.FromFlatDataAndDimensions(noise, 4, 3, 2))[0]
	want = run(t, store, pairs(0, false), table, first, tokens(7, 0, 0, 2, 0, 0))[0]
	near(t, "noise", got, want, 1e-6)
}
