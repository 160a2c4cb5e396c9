// Package text turns sentences into token numbers and word vectors: tokenizers, a vocabulary, and the GloVe format.
package text

import (
	"regexp"
	"strings"
)

// Tokenizer splits a sentence into tokens.
type Tokenizer func(sentence string) []string

var wordOrMark = regexp.MustCompile(`[\p{L}\p{N}]+(?:['’][\p{L}]+)*|[^\p{L}\p{N}\s]`)

// Lower returns the lower-cased words and punctuation marks of a sentence; an apostrophe inside a word stays in it.
func Lower(sentence string) []string {
	return wordOrMark.FindAllString(strings.ToLower(sentence), -1)
}

// treebankRules are substitutions in order, after the Penn Treebank conventions (Marcus, Santorini, Marcinkiewicz 1993):
// punctuation apart, quotes as “ and ”, contractions split before n't, 's, 'll and the like.
var treebankRules = []struct {
	pattern *regexp.Regexp
	replace string
}{
	{regexp.MustCompile(`^"`), "`` "},
	{regexp.MustCompile(`([ (\[{<])"`), "$1 `` "},
	{regexp.MustCompile(`"`), " '' "},
	{regexp.MustCompile(`\.\.\.`), " ... "},
	{regexp.MustCompile(`([:,])([^\d]|$)`), " $1 $2"},
	{regexp.MustCompile(`[;@#$%&?!]`), " $0 "},
	{regexp.MustCompile(`([^.])(\.)([\])}>"']*)\s*$`), "$1 $2$3 "},
	{regexp.MustCompile(`[\]\[(){}<>]`), " $0 "},
	{regexp.MustCompile(`--`), " -- "},
	{regexp.MustCompile(`([^' ])('[sSmMdD]|'ll|'LL|'re|'RE|'ve|'VE|')( |$)`), "$1 $2 "},
	{regexp.MustCompile(`([^' ])(n't|N'T)( |$)`), "$1 $2 "},
	{regexp.MustCompile(`(?i)\b(can)(not)\b`), "$1 $2"},
	{regexp.MustCompile(`(?i)\b(gon|wan)(na)\b`), "$1 $2"},
	{regexp.MustCompile(`(?i)\b(got)(ta)\b`), "$1 $2"},
}

// Treebank returns the tokens of a sentence by Penn Treebank conventions, case kept.
func Treebank(sentence string) []string {
	s := strings.TrimSpace(sentence)
	for _, rule := range treebankRules {
		s = rule.pattern.ReplaceAllString(s, rule.replace)
	}
	return strings.Fields(s)
}
