package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// PairMix is a batch of sentence pairs that lie between two parent pairs each.
type PairMix struct {
	First, Second [2]*Node // token ids [B, T] of the two sentences of each parent
	Share         *Node    // [B] of the second parent, 0 to 1
	Noise         *Node    // added to the word vectors, [2B, T, D], first sentences first; nil: none
}

// MixedPairEncoder is [PairEncoder] with the word vectors of each pair interpolated between those of its parents, place by
// place. A sentence is as long as the longer of its parents; beyond the end of the shorter one that contributes zero.
func MixedPairEncoder(scope *model.Scope, table *Node, mix PairMix, cfg PairConfig, training bool) *Node {
	words, mask := mix.words(table)
	return pairFeature(scope, words, mask, cfg, training)
}

// words returns the word vectors [2B, T, D] and the mask [2B, T].
func (m PairMix) words(table *Node) (words, mask *Node) {
	first, firstMask := maskedWords(table, m.First)
	second, secondMask := maskedWords(table, m.Second)
	share := graph.Reshape(graph.Concatenate([]*Node{m.Share, m.Share}, 0), -1, 1, 1)
	words = graph.Add(graph.Mul(first, graph.OneMinus(share)), graph.Mul(second, share))
	mask = graph.LogicalOr(firstMask, secondMask)
	if m.Noise != nil {
		words = graph.Add(words, m.Noise)
	}
	return words, mask
}

// maskedWords returns the vectors of both sentences' words, zero for padding.
func maskedWords(table *Node, sentences [2]*Node) (words, mask *Node) {
	words, mask = wordsOf(table, sentences[0], sentences[1])
	return whereWord(mask, words), mask
}

// whereWord sets x [N, T, D] to zero where mask [N, T] is false.
func whereWord(mask, x *Node) *Node {
	mask = graph.BroadcastToDims(graph.InsertAxes(mask, -1), x.Shape().Dimensions...)
	return graph.Where(mask, x, graph.ZerosLike(x))
}
