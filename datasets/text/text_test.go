package text

import (
	"slices"
	"testing"
)

func TestLower(t *testing.T) {
	tests := []struct {
		sentence string
		want     []string
	}{
		{"", nil},
		{" \t\n", nil},
		{"A man is Playing.", []string{"a", "man", "is", "playing", "."}},
		{"don't stop, O’Neil's!", []string{"don't", "stop", ",", "o’neil's", "!"}},
		{"'quoted' words'", []string{"'", "quoted", "'", "words", "'"}},
		{"3.5-fold (x2)", []string{"3", ".", "5", "-", "fold", "(", "x2", ")"}},
		{"Äpfel über 日本", []string{"äpfel", "über", "日本"}},
		{"...", []string{".", ".", "."}},
	}
	for _, tt := range tests {
		if got := Lower(tt.sentence); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.sentence, got, tt.want)
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		sentence string
		want     []string
	}{
		{"", nil},
		{"A man's dog, the Men’s dogs.", []string{"a", "man", "'s", "dog", ",", "the", "men", "'s", "dogs", "."}},
		{"I don't, can't, won’t; DIDN'T", []string{"i", "do", "n't", ",", "ca", "n't", ",", "wo", "n't", ";", "did", "n't"}},
		{"I'm they're we've she'll he'd", []string{"i", "'m", "they", "'re", "we", "'ve", "she", "'ll", "he", "'d"}},
		{"I'd've O'Neil's o'clock", []string{"i", "'d", "'ve", "o'neil", "'s", "o'clock"}},
		{"a man 's dog did n't bark", []string{"a", "man", "'s", "dog", "did", "n't", "bark"}},
		{"the dogs' bowl, 'something' 'see'", []string{"the", "dogs", "'", "bowl", ",", "'", "something", "'", "'", "see",
			"'"}},
		{"3.5-fold, 1990's", []string{"3", ".", "5", "-", "fold", ",", "1990", "'s"}},
	}
	for _, tt := range tests {
		if got := Words(tt.sentence); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.sentence, got, tt.want)
		}
	}
}

func TestTreebank(t *testing.T) {
	tests := []struct {
		sentence string
		want     []string
	}{
		{"", nil},
		{"A man is playing.", []string{"A", "man", "is", "playing", "."}},
		{"Mr. Smith isn't here, he's gone.", []string{"Mr.", "Smith", "is", "n't", "here", ",", "he", "'s", "gone", "."}},
		{"They'll say I'd've left; we're done!", []string{"They", "'ll", "say", "I'd", "'ve", "left", ";", "we", "'re",
			"done", "!"}},
		{`"Stop," she said ("now").`, []string{"``", "Stop", ",", "''", "she", "said", "(", "``", "now", "''", ")", "."}},
		{"I cannot wait... $5,000 at 10:30 -- gonna go?", []string{"I", "can", "not", "wait", "...", "$", "5,000", "at",
			"10:30", "--", "gon", "na", "go", "?"}},
		{"CAN'T", []string{"CA", "N'T"}},
		{"the dogs' bowl", []string{"the", "dogs", "'", "bowl"}},
		{"A man's (woman's) child's.", []string{"A", "man", "'s", "(", "woman", "'s", ")", "child", "'s", "."}},
		{"end, ", []string{"end", ","}},
	}
	for _, tt := range tests {
		if got := Treebank(tt.sentence); !slices.Equal(got, tt.want) {
			t.Errorf("%q:\n got %q\nwant %q", tt.sentence, got, tt.want)
		}
	}
}

var sentences = [][]string{{"b", "a", "c"}, {"c", "b", "c"}, {"d", "a", "d"}}

func TestVocabulary(t *testing.T) {
	tests := []struct {
		limit int
		want  []string
	}{
		// c comes three times, a, b and d twice each.
		{10, []string{"<pad>", "<unknown>", "c", "a", "b", "d"}},
		{3, []string{"<pad>", "<unknown>", "c", "a", "b"}},
		{0, []string{"<pad>", "<unknown>"}},
	}
	for _, tt := range tests {
		if got := NewVocabulary(sentences, tt.limit).Words; !slices.Equal(got, tt.want) {
			t.Errorf("limit %d: %q, want %q", tt.limit, got, tt.want)
		}
	}
}

func TestEncode(t *testing.T) {
	v := NewVocabulary(sentences, 2) // c is 2, a is 3
	tests := []struct {
		tokens []string
		want   []int32
		n      int
	}{
		{nil, []int32{Padding, Padding, Padding}, 0},
		{[]string{"c"}, []int32{2, Padding, Padding}, 1},
		{[]string{"a", "b", "c"}, []int32{3, Unknown, 2}, 3},
		{[]string{"a", "c", "a", "c"}, []int32{3, 2, 3}, 3},
		{[]string{"<pad>"}, []int32{Unknown, Padding, Padding}, 1}, // a sentence cannot write the special words
	}
	for _, tt := range tests {
		into := []int32{9, 9, 9} // what an earlier sentence left
		if n := v.Encode(into, tt.tokens); n != tt.n || !slices.Equal(into, tt.want) {
			t.Errorf("%q: %v, %d tokens, want %v, %d", tt.tokens, into, n, tt.want, tt.n)
		}
	}
}
