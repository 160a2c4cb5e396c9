package text

import (
	"slices"
	"testing"
)

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
