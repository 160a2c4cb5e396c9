package task

import (
	"math/rand/v2"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// wordBuckets is the number of buckets for the words of a sentence that has no vectors of its own to be described by.
const wordBuckets = 64

// Descriptor returns, for each sentence of the row, the mean of its word vectors; where these are learned, the shares
// of its words in a fixed number of buckets.
func (t *pairTask) Descriptor(row int) []float32 {
	var described []float32
	for _, tokens := range t.Splits[datasets.Train].tokens {
		words := tokens[row*t.model.MaxTokens:][:t.model.MaxTokens]
		if end := slices.Index(words, 0); end >= 0 { // padding
			words = words[:end]
		}
		if t.vectors == nil {
			described = append(described, bagOfWords(words)...)
		} else {
			described = append(described, meanVector(words, t.vectors, t.model.Embedding)...)
		}
	}
	return described
}

func bagOfWords(words []int32) []float32 {
	bag := make([]float32, wordBuckets)
	for _, word := range words {
		bag[word%wordBuckets] += 1 / float32(len(words))
	}
	return bag
}

func meanVector(words []int32, table *tensors.Tensor, width int) []float32 {
	mean := make([]float32, width)
	tensors.MustConstFlatData(table, func(flat []float32) {
		for _, word := range words {
			for i, v := range flat[int(word)*width:][:width] {
				mean[i] += v / float32(len(words))
			}
		}
	})
	return mean
}

// Mix lets the network interpolate between the word vectors of two pairs. Noise on a word vector is a share of the
// standard deviation of all word vectors, of learned ones that with which they begin.
func (t *pairTask) Mix(r methods.Resampled) (Task, error) {
	original := t.Splits[datasets.Train]
	mix := &mixture{Resampled: r, spread: []float64{1}}
	if t.vectors != nil {
		var all moments
		tensors.MustConstFlatData(t.vectors, func(flat []float32) {
			for _, v := range flat {
				all.add(float64(v))
			}
		})
		mix.spread[0] = all.deviation()
	}
	mixed := *t
	mixed.Splits = withTraining(t.Splits, &pairRows{Rows: mix.rows(&original.Rows), tokens: original.tokens, mix: mix})
	return &mixed, nil
}

// mixedBatch returns the inputs of [pairTask.encodeMixed] for rows of a resampled split: the token numbers of the
// sentences of the first parents, those of the second parents, int32 [n, length] each; the share of the second parent
// [n]; and, if any row of the split has noise, the noise on the word vectors [sn, length, Embedding] of s sentences,
// first ones first.
func (t *pairTask) mixedBatch(all *pairRows, rows []int, length int) []*tensors.Tensor {
	first, second, share := make([]int, len(rows)), make([]int, len(rows)), make([]float32, len(rows))
	for i, row := range rows {
		s := all.mix.at(row)
		first[i], second[i], share[i] = s.First, s.Second, float32(s.Share)
	}
	batch := append(t.tokenBatch(all, first, length), t.tokenBatch(all, second, length)...)
	batch = append(batch, tensors.FromFlatDataAndDimensions(share, len(rows)))
	if all.mix.noisy() {
		batch = append(batch, t.noiseBatch(all.mix, rows, length))
	}
	return batch
}

// noiseBatch draws the noise word by word, so that a word's does not depend on the length of the batch.
func (t *pairTask) noiseBatch(mix *mixture, rows []int, length int) *tensors.Tensor {
	noise := tensors.FromShape(shapes.Make(dtypes.Float32, t.count*len(rows), length, t.model.Embedding))
	stride := length * t.model.Embedding
	tensors.MustMutableFlatData(noise, func(flat []float32) {
		inParallel(t.count*len(rows), func(i int) {
			s := mix.at(rows[i%len(rows)])
			if s.Noise == 0 {
				return
			}
			random := rand.New(rand.NewPCG(s.Seed, uint64(i/len(rows))))
			for j := range flat[i*stride:][:stride] {
				flat[i*stride+j] = float32(random.NormFloat64() * s.Noise * mix.spread[0])
			}
		})
	})
	return noise
}

func (t *pairTask) encodeMixed(scope *model.Scope, inputs []*graph.Node, config models.PairConfig,
	training bool) *graph.Node {
	n := t.count
	mix := models.PairMix{First: inputs[:n], Second: inputs[n : 2*n], Share: inputs[2*n]}
	if len(inputs) > 2*n+1 {
		mix.Noise = inputs[2*n+1]
	}
	return models.MixedPairEncoder(scope, t.table(scope, inputs[0].Graph()), mix, config, training)
}
