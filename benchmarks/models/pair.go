package models

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// PairConfig sizes a [PairEncoder].
type PairConfig struct {
	Hidden  int     // units per direction
	Layers  int     // stacked bidirectional layers
	Dropout float64 // probability of dropping an embedding or LSTM output value in training
}

// PairEncoder encodes sentence pairs into z [B, 8·Hidden] = [u, v, |u-v|, u·v], where u and v are the maxima over time
// of a shared [BiLSTM] on the word vectors, as the official STS-B benchmark does.
//
// first and second are token ids [B, T], 0 after the last token, each with at least one token; table [V, D] holds
// the word vectors, frozen unless it is a trainable parameter.
func PairEncoder(scope *model.Scope, table, first, second *Node, cfg PairConfig, training bool) *Node {
	return SentenceEncoder(scope, table, []*Node{first, second}, cfg, training)
}

// SentenceEncoder is [PairEncoder] for a pair, or for one sentence, whose z is u [B, 2·Hidden].
func SentenceEncoder(scope *model.Scope, table *Node, sentences []*Node, cfg PairConfig, training bool) *Node {
	words, mask := wordsOf(table, sentences)
	return sentenceFeature(scope, words, mask, len(sentences), cfg, training)
}

// wordsOf returns the word vectors [sB, T, D] of s sentences, first ones first, and where there is a word [sB, T].
func wordsOf(table *Node, sentences []*Node) (words, mask *Node) {
	tokens := sentences[0]
	if len(sentences) > 1 {
		tokens = graph.Concatenate(sentences, 0)
	}
	mask = graph.NotEqual(tokens, graph.ScalarZero(tokens.Graph(), tokens.DType()))
	return graph.Gather(table, graph.InsertAxes(tokens, -1)), mask
}

// sentenceFeature encodes the word vectors [sB, T, D] of s sentences.
func sentenceFeature(scope *model.Scope, words, mask *Node, count int, cfg PairConfig, training bool) *Node {
	if training {
		words = dropout(scope, words, cfg.Dropout)
	}
	states := BiLSTM(scope.At("lstm"), words, mask, cfg.Hidden, cfg.Layers)
	if training {
		states = dropout(scope, states, cfg.Dropout)
	}
	maxima := maxOverTime(scope, states, mask)
	if count == 1 {
		return maxima
	}
	sentences := graph.Split(maxima, 0, 2)
	u, v := sentences[0], sentences[1]
	return graph.Concatenate([]*Node{u, v, graph.Abs(graph.Sub(u, v)), graph.Mul(u, v)}, -1)
}

// maxOverTime takes, of states [N, T, H], the maximum over the positions where mask [N, T] is true.
func maxOverTime(scope *model.Scope, states, mask *Node) *Node {
	if kernels, ok := kernelsFor(scope, states); ok {
		return maxByKernels(kernels, states, float32Of(mask))
	}
	mask = graph.BroadcastToDims(graph.InsertAxes(mask, -1), states.Shape().Dimensions...)
	never := graph.Infinity(states.Graph(), states.DType(), -1)
	return graph.ReduceMax(graph.Where(mask, states, never), 1)
}

// dropout zeroes values with probability p and scales the others by 1/(1-p). Its random numbers follow the store's
// state.
func dropout(scope *model.Scope, x *Node, p float64) *Node {
	if p == 0 {
		return x
	}
	keep := graph.GreaterThan(scope.RandomUniform(x.Graph(), x.Shape()), graph.Scalar(x.Graph(), x.DType(), p))
	return graph.Where(keep, graph.MulScalar(x, 1/(1-p)), graph.ScalarZero(x.Graph(), x.DType()))
}

// PairMix is a batch of sentences, or pairs of them, that lie between two parents each.
type PairMix struct {
	First, Second []*Node // token ids [B, T] of each parent's sentence, or two
	Share         *Node   // [B] of the second parent, 0 to 1
	Noise         *Node   // added to the word vectors, [sB, T, D], first sentences first; nil: none
}

// MixedPairEncoder is [SentenceEncoder] with the word vectors of each row interpolated between those of its parents,
// place by place. A sentence is as long as the longer of its parents; beyond the end of the shorter one that
// contributes zero.
func MixedPairEncoder(scope *model.Scope, table *Node, mix PairMix, cfg PairConfig, training bool) *Node {
	words, mask := mix.words(table)
	return sentenceFeature(scope, words, mask, len(mix.First), cfg, training)
}

// words returns the word vectors [sB, T, D] and the mask [sB, T].
func (m PairMix) words(table *Node) (words, mask *Node) {
	first, firstMask := maskedWords(table, m.First)
	second, secondMask := maskedWords(table, m.Second)
	share := m.Share
	if len(m.First) > 1 {
		share = graph.Concatenate([]*Node{share, share}, 0)
	}
	share = graph.Reshape(share, -1, 1, 1)
	words = graph.Add(graph.Mul(first, graph.OneMinus(share)), graph.Mul(second, share))
	mask = graph.LogicalOr(firstMask, secondMask)
	if m.Noise != nil {
		words = graph.Add(words, m.Noise)
	}
	return words, mask
}

// maskedWords returns the vectors of all sentences' words, zero for padding.
func maskedWords(table *Node, sentences []*Node) (words, mask *Node) {
	words, mask = wordsOf(table, sentences)
	return whereWord(mask, words), mask
}

// whereWord sets x [N, T, D] to zero where mask [N, T] is false.
func whereWord(mask, x *Node) *Node {
	mask = graph.BroadcastToDims(graph.InsertAxes(mask, -1), x.Shape().Dimensions...)
	return graph.Where(mask, x, graph.ZerosLike(x))
}
