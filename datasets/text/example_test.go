package text_test

import (
	"fmt"
	"strings"

	"github.com/dirbench/dirbench/datasets/text"
)

// Split a sentence by the conventions of the Penn Treebank.
func ExampleTreebank() {
	fmt.Println(strings.Join(text.Treebank(`She said "it can't be", didn't she?`), " | "))
	// Output:
	// She | said | `` | it | ca | n't | be | '' | , | did | n't | she | ?
}

// Number the words of sentences, the most frequent first, and fill a short sentence up.
func ExampleNewVocabulary() {
	sentences := [][]string{text.Lower("A cat sat."), text.Lower("A dog sat. A bird flew.")}
	v := text.NewVocabulary(sentences, 3)
	numbers := make([]int32, 5)
	n := v.Encode(numbers, text.Lower("A bird sat"))
	fmt.Println(v.Words, numbers, n)
	// Output:
	// [<pad> <unknown> . a sat] [3 1 4 0 0] 3
}
