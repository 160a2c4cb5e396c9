// Package text turns sentences into token numbers and word vectors: tokenizers, a vocabulary, and the GloVe format.
package text

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Tokenizer splits a sentence into tokens.
type Tokenizer func(sentence string) []string

const wordOrMarkPattern = `[\p{L}\p{N}]+(?:['’][\p{L}]+)*|[^\p{L}\p{N}\s]`

var wordOrMark = regexp.MustCompile(wordOrMarkPattern)

// Method is a tokenizer and its rule, for people and programs that have none of it.
type Method struct {
	Split Tokenizer
	Rule  string
}

// Methods are the tokenizers that recipes name.
var Methods = map[string]Method{
	"lower":    {Lower, "lower case, then the matches of " + wordOrMarkPattern},
	"words":    {Words, wordsRule},
	"treebank": {Treebank, "Penn Treebank conventions, as NLTK's word_tokenize, case kept"},
}

// Lower returns the lower-cased words and punctuation marks of a sentence; an apostrophe inside a word stays in it.
func Lower(sentence string) []string {
	return wordOrMark.FindAllString(strings.ToLower(sentence), -1)
}

const (
	wordOrEndPattern = `[\p{L}\p{N}]+(?:['’][\p{L}]+)*|['’](?:s|m|d|ll|re|ve)\b|[^\p{L}\p{N}\s]`
	wordEndPattern   = `^(.+)(n['’]t|['’](?:s|m|d|ll|re|ve))$`
	wordsRule        = "lower case, then the matches of " + wordOrEndPattern + "; each is divided at " + wordEndPattern +
		" as long as it matches; ’ becomes ' in the second part"
)

var wordOrEnd, wordEnd = regexp.MustCompile(wordOrEndPattern), regexp.MustCompile(wordEndPattern)

// Words is Lower with possessives and contractions apart, as in the vocabularies of GloVe and in the Penn Treebank: man
// 's, do n't, they 're.
func Words(sentence string) []string {
	var tokens []string
	for _, token := range wordOrEnd.FindAllString(strings.ToLower(sentence), -1) {
		tokens = append(tokens, divided(token)...)
	}
	return tokens
}

// divided returns a word and what is contracted with it.
func divided(word string) []string {
	match := wordEnd.FindStringSubmatch(word)
	if match == nil {
		return []string{strings.Replace(word, "’", "'", 1)}
	}
	return append(divided(match[1]), strings.Replace(match[2], "’", "'", 1))
}

// treebankRules are substitutions in order, after the Penn Treebank conventions (Marcus, Santorini, Marcinkiewicz
// 1993): punctuation apart, quotes as “ and ”, contractions split before n't, 's, 'll and the like.
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
	v := &Vocabulary{Words: append([]string{"<pad>", "<unknown>"}, words[:min(limit, len(words))]...),
		numbers: map[string]int32{}}
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
