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

func TestTreebank(t *testing.T) {
	tests := []struct {
		sentence string
		want     []string
	}{
		{"", nil},
		{"A man is playing.", []string{"A", "man", "is", "playing", "."}},
		{"Mr. Smith isn't here, he's gone.", []string{"Mr.", "Smith", "is", "n't", "here", ",", "he", "'s", "gone", "."}},
		{"They'll say I'd've left; we're done!", []string{"They", "'ll", "say", "I'd", "'ve", "left", ";", "we", "'re", "done", "!"}},
		{`"Stop," she said ("now").`, []string{"``", "Stop", ",", "''", "she", "said", "(", "``", "now", "''", ")", "."}},
		{"I cannot wait... $5,000 at 10:30 -- gonna go?", []string{"I", "can", "not", "wait", "...", "$", "5,000", "at", "10:30", "--", "gon", "na", "go", "?"}},
		{"CAN'T", []string{"CA", "N'T"}},
		{"the dogs' bowl", []string{"the", "dogs", "'", "bowl"}},
		{"end, ", []string{"end", ","}},
	}
	for _, tt := range tests {
		if got := Treebank(tt.sentence); !slices.Equal(got, tt.want) {
			t.Errorf("%q:\n got %q\nwant %q", tt.sentence, got, tt.want)
		}
	}
}
