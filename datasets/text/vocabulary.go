package text

import (
	"cmp"
	"slices"
)

// Padding is the token number that fills a sentence up to its fixed length.
const Padding = 0

// Unknown is the token number of every word outside the vocabulary.
const Unknown = 1

// Vocabulary numbers words from 2 on, the most frequent first.
type Vocabulary struct {
	Words   []string // Words[i] has number i; 0 and 1 are Padding and Unknown
	numbers map[string]int32
}

// NewVocabulary takes the most frequent words of the sentences, at most limit of them; ties go in alphabetical order.
func NewVocabulary(sentences [][]string, limit int) *Vocabulary {
	counts := map[string]int{}
	for _, s := range sentences {
		for _, word := range s {
			counts[word]++
		}
	}
	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	v := &Vocabulary{Words: append([]string{"<pad>", "<unknown>"}, words[:min(limit, len(words))]...), numbers: map[string]int32{}}
	for i, word := range v.Words[2:] {
		v.numbers[word] = int32(i + 2)
	}
	return v
}

// Encode writes the numbers of at most len(into) tokens into into, fills the rest with Padding, and returns how many
// tokens it wrote.
func (v *Vocabulary) Encode(into []int32, tokens []string) int {
	n := min(len(tokens), len(into))
	for i := range into {
		into[i] = Padding
		if i < n {
			into[i] = Unknown
			if number, known := v.numbers[tokens[i]]; known {
				into[i] = number
			}
		}
	}
	return n
}
