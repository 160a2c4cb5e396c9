package task

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/text"
)

// TextModel is an encoder of sentences, single or in pairs as the dataset has them, and its input.
type TextModel struct {
	Tokenizer  string  `yaml:"tokenizer" json:"tokenizer"` // of text.Methods
	MaxTokens  int     `yaml:"max_tokens" json:"max_tokens"`
	MaxVocab   int     `yaml:"max_vocab" json:"max_vocab"`
	Pretrained bool    `yaml:"pretrained" json:"pretrained"` // frozen word vectors from a file; false: learned
	Embedding  int     `yaml:"embedding" json:"embedding"`   // width of a word vector
	Hidden     int     `yaml:"hidden" json:"hidden"`         // LSTM units per direction
	Layers     int     `yaml:"layers" json:"layers"`
	Dropout    float64 `yaml:"dropout" json:"dropout"`
}

// Validate reports the first thing wrong with the section.
func (m *TextModel) Validate() error {
	if _, known := text.Methods[m.Tokenizer]; !known {
		return fmt.Errorf("text: tokenizer %q: expected lower, words or treebank", m.Tokenizer)
	}
	if m.MaxTokens < 1 || m.MaxVocab < 1 || m.Embedding < 1 || m.Hidden < 1 || m.Layers < 1 {
		return fmt.Errorf("text: max_tokens, max_vocab, embedding, hidden and layers must be at least 1")
	}
	if m.Dropout < 0 || m.Dropout >= 1 {
		return fmt.Errorf("text: dropout %g: expected 0 <= dropout < 1", m.Dropout)
	}
	return nil
}

// Modality is that of sentences and sentence pairs.
func (*TextModel) Modality() datasets.Modality { return datasets.Text }

// Traits say that the vocabulary follows from the training dataset, and that word vectors which are not learned need
// their file.
func (m *TextModel) Traits() InputTraits {
	traits := InputTraits{FromTraining: true, VocabularyBytes: 4 * int64(m.MaxVocab) * int64(m.Embedding)}
	if m.Pretrained {
		traits.Needs, traits.Form = WordVectors, fmt.Sprintf("GloVe text format, %d values a word", m.Embedding)
	}
	return traits
}

// Small has shorter sentences.
func (m *TextModel) Small() Input {
	small := *m
	small.MaxTokens = min(m.MaxTokens, 8)
	return &small
}

// Trained returns the section itself: the vocabulary comes from the file of word vectors.
func (m *TextModel) Trained() Input { return m }

// TorchNames are those of the official STS-B-DIR network, whose word vectors are pretrained.
func (m *TextModel) TorchNames() TorchNames {
	if !m.Pretrained {
		return TorchNames{}
	}
	return TorchNames{
		Encoder:   models.BiLSTMNames(m.Layers).In("pair_encoder._phrase_layer._module.", "lstm"),
		Regressor: models.LinearNames().In("sts-b_pred_layer.", ""),
		Vectors:   models.EmbeddingNames(wordVectorsName).In("pair_encoder._text_field_embedder.token_embedder_words.", ""),
		FDS:       "FDS.",
	}
}

// Preparation is the tokenizer and the words by number.
func (m *TextModel) Preparation(ds *datasets.Dataset) (map[string]any, error) {
	words, err := newPairTask(*m).readPairs(ds)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tokenizer": m.Tokenizer, "tokenizer_rule": text.Methods[m.Tokenizer].Rule,
		"max_tokens": m.MaxTokens, "padding": text.Padding, "unknown": text.Unknown,
		"words": text.NewVocabulary(words.all, m.MaxVocab).Words}, nil
}

// wordVectorsName is the variable of the word vectors, below the encoder's scope.
const wordVectorsName = "word_vectors"

// pairTask holds every sentence, or pair of them, as token numbers.
type pairTask struct {
	Base[*pairRows]
	model   TextModel
	words   int             // size of the vocabulary
	count   int             // of sentences in a row, 1 or 2
	vectors *tensors.Tensor // [words, Embedding], frozen; nil where the vectors are learned
}

type pairRows struct {
	Rows
	tokens [][]int32 // rows × MaxTokens, for each sentence of a row
	mix    *mixture  // of a resampled training split, whose tokens are those of the original rows
}

// Load tokenizes the sentences. The Lengths of a row are the tokens of its longer sentence, or of all that it is mixed
// of.
func (m *TextModel) Load(ds *datasets.Dataset, _ Recipe, options LoadOptions) (Task, error) {
	task := newPairTask(*m)
	words, err := task.readPairs(ds)
	known := words
	if err == nil && options.Training != nil {
		known, err = newPairTask(*m).readPairs(options.Training)
	}
	if err != nil {
		return nil, err
	}
	// The official code builds its vocabulary over all three splits.
	vocabulary := text.NewVocabulary(known.all, m.MaxVocab)
	for _, split := range options.splits() {
		task.encode(task.Splits[split], vocabulary, words.bySplit[split])
	}
	task.words = len(vocabulary.Words)
	if m.Pretrained {
		var without map[string]bool
		if task.vectors, without, err = wordVectors(vocabulary, *m, options.Embeddings); err == nil && options.Note != nil {
			noteWithout(without, known.all, options)
		}
	}
	return task, err
}

func newPairTask(m TextModel) *pairTask {
	return &pairTask{model: m, Base: Base[*pairRows]{Splits: map[datasets.Split]*pairRows{}}}
}

// tokenized holds the sentences of a split in order: those of each row in turn.
type tokenized struct {
	all     [][]string
	bySplit map[datasets.Split][][]string
}

func (t *pairTask) readPairs(ds *datasets.Dataset) (tokenized, error) {
	tokenize := text.Methods[t.model.Tokenizer].Split
	t.count = ds.Meta.SentenceCount()
	words := tokenized{bySplit: map[datasets.Split][][]string{}}
	for _, split := range datasets.Splits {
		rows := &pairRows{}
		for sample, err := range ds.Samples(split) {
			if err != nil {
				return words, err
			}
			rows.IDs, rows.Labels = append(rows.IDs, sample.ID), append(rows.Labels, sample.Label)
			for _, sentence := range sample.Sentences[:t.count] {
				words.bySplit[split] = append(words.bySplit[split], tokenize(sentence))
			}
		}
		words.all = append(words.all, words.bySplit[split]...)
		t.Splits[split] = rows
	}
	return words, nil
}

func (t *pairTask) encode(rows *pairRows, vocabulary *text.Vocabulary, sentences [][]string) {
	length := t.model.MaxTokens
	rows.Lengths, rows.tokens = make([]int, rows.Len()), make([][]int32, t.count)
	for side := range rows.tokens {
		rows.tokens[side] = make([]int32, rows.Len()*length)
		for i := range rows.Len() {
			into := rows.tokens[side][i*length:][:length]
			n := vocabulary.Encode(into, sentences[t.count*i+side])
			if n == 0 {
				into[0] = text.Unknown // an empty sentence would have nothing to pool over
			}
			rows.Lengths[i] = max(rows.Lengths[i], n, 1)
		}
	}
}

// unknownWords seeds the vectors of words that the file lacks. They are part of the input, the same in every run.
const unknownWords = 1

// wordVectors returns the frozen table of word vectors: those of the file where it has them, N(0, 1) elsewhere. Without
// are the words that it lacks.
func wordVectors(v *text.Vocabulary, m TextModel, path string) (
	table *tensors.Tensor, without map[string]bool, err error) {
	inUse := map[string]bool{}
	for _, word := range v.Words {
		inUse[word] = true
	}
	known, err := text.ReadGloVe(path, m.Embedding, func(w string) bool { return inUse[w] })
	if err != nil {
		return nil, nil, err
	}
	if len(known) == 0 {
		return nil, nil, fmt.Errorf("word vectors %s: none of the dataset's %d words is there; expected GloVe text format",
			path, len(v.Words)-2)
	}
	random := rand.New(rand.NewPCG(unknownWords, 0))
	table = tensors.FromShape(shapes.Make(dtypes.Float32, len(v.Words), m.Embedding))
	tensors.MustMutableFlatData(table, func(flat []float32) {
		models.Normal(1)(random, flat)
		for i, word := range v.Words {
			copy(flat[i*m.Embedding:], known[word])
		}
		clear(flat[:m.Embedding]) // padding
	})
	for word := range known {
		delete(inUse, word)
	}
	return table, inUse, nil
}

// noteWithout tells which words of the sentences have no vector in the file, the most frequent ones by name.
func noteWithout(without map[string]bool, sentences [][]string, options LoadOptions) {
	const named = 20
	tokens, missing := 0, map[string]int{}
	for _, sentence := range sentences {
		tokens += len(sentence)
		for _, word := range sentence {
			if without[word] {
				missing[word]++
			}
		}
	}
	if len(missing) == 0 {
		return
	}
	words, total := slices.Collect(maps.Keys(missing)), 0
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(missing[b]-missing[a], cmp.Compare(a, b)) })
	for _, n := range missing {
		total += n
	}
	list := strings.Join(words[:min(named, len(words))], " ")
	if len(words) > named {
		list += fmt.Sprintf(" and %d more", len(words)-named)
	}
	options.Note(fmt.Sprintf("word vectors: %.1f %% of all tokens have none in %s and get random ones: %s",
		100*float64(total)/float64(tokens), filepath.Base(options.Embeddings), list))
}

// Dim is the width of a sentence, or four times that of a pair: [u, v, |u-v|, u·v].
func (t *pairTask) Dim() int {
	if t.count == 1 {
		return 2 * t.model.Hidden
	}
	return 8 * t.model.Hidden
}

// lengthStep is what the length of a batch is a multiple of, so that there are few of them to compile graphs for.
const lengthStep = 8

// lengthOf returns the length of a batch, which covers all its sentences.
func (t *pairTask) lengthOf(all *pairRows, rows []int) int {
	longest := 1
	for _, row := range rows {
		longest = max(longest, all.Lengths[row])
	}
	return min((longest+lengthStep-1)/lengthStep*lengthStep, t.model.MaxTokens)
}

// Batch returns the token numbers of the sentence, or of both, int32 [n, length] each, and more for a resampled split
// (see mixedBatch). Text has no augmentation.
func (t *pairTask) Batch(_ *Memory, split datasets.Split, rows []int, _ *rand.Rand) ([]*tensors.Tensor, []float32) {
	all := t.Splits[split]
	length := t.lengthOf(all, rows)
	if all.mix != nil {
		return t.mixedBatch(all, rows, length), all.labelsOf(rows)
	}
	return t.tokenBatch(all, rows, length), all.labelsOf(rows)
}

func (t *pairTask) tokenBatch(all *pairRows, rows []int, length int) []*tensors.Tensor {
	var batch []*tensors.Tensor
	for _, tokens := range all.tokens {
		flat := make([]int32, 0, len(rows)*length)
		for _, row := range rows {
			flat = append(flat, tokens[row*t.model.MaxTokens:][:length]...)
		}
		batch = append(batch, tensors.FromFlatDataAndDimensions(flat, len(rows), length))
	}
	return batch
}

func (t *pairTask) Encode(scope *model.Scope, inputs []*graph.Node, training bool) *graph.Node {
	config := models.PairConfig{Hidden: t.model.Hidden, Layers: t.model.Layers, Dropout: t.model.Dropout}
	if len(inputs) > t.count {
		return t.encodeMixed(scope, inputs, config, training)
	}
	return models.SentenceEncoder(scope, t.table(scope, inputs[0].Graph()), inputs, config, training)
}

// table returns the word vectors [words, Embedding], frozen or learned.
func (t *pairTask) table(scope *model.Scope, g *graph.Graph) *graph.Node {
	if t.vectors == nil {
		return models.Param(scope, g, wordVectorsName, models.Normal(1), t.words, t.model.Embedding)
	}
	frozen := scope.GetVariable(wordVectorsName)
	if frozen == nil {
		// A copy, because a store frees its variables at the end of a run and the task outlives it.
		frozen = scope.VariableWithValue(wordVectorsName, must(t.vectors.LocalClone())).SetTrainable(false)
	}
	return frozen.NodeValue(g)
}

// must turns an error into a panic, as graph building functions report errors.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
