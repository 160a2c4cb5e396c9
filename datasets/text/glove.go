package text

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// ReadGloVe reads word vectors in GloVe's text format, "word v1 v2 … vD" a line, plain or gzip, and returns those of
// the wanted words, leaving out tokens that contain spaces. Every line must have dim values.
func ReadGloVe(path string, dim int, wanted func(word string) bool) (map[string][]float32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("word vectors: %w", err)
	}
	defer file.Close()
	in, err := decompressed(file)
	if err != nil {
		return nil, fmt.Errorf("word vectors %s: %w", path, err)
	}
	vectors := map[string][]float32{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		word, values, _ := strings.Cut(lines.Text(), " ")
		fields := strings.Fields(values)
		if !wanted(word) || isPhrase(fields, dim) {
			continue
		}
		vector, err := parseVector(fields, dim)
		if err != nil {
			return nil, fmt.Errorf("word vectors %s:%d: %w", path, number, err)
		}
		vectors[word] = vector
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("word vectors %s: %w", path, err)
	}
	return vectors, nil
}

func decompressed(file io.Reader) (io.Reader, error) {
	in := bufio.NewReader(file)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		return gzip.NewReader(in)
	}
	return in, nil
}

// isPhrase tells whether the token of a line goes on after its first space, as in ". . . 0.1 0.2 …": the file of 840
// billion tokens has some. No tokenizer here gives such a token.
func isPhrase(fields []string, dim int) bool {
	for _, field := range fields[:max(0, len(fields)-dim)] {
		if _, err := strconv.ParseFloat(field, 32); err != nil {
			return true
		}
	}
	return false
}

func parseVector(fields []string, dim int) ([]float32, error) {
	if len(fields) != dim {
		return nil, fmt.Errorf("%d values: expected %d; set text.embedding to the width of the file", len(fields), dim)
	}
	vector := make([]float32, dim)
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 32)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %q: expected a number", f)
		}
		vector[i] = float32(v)
	}
	return vector, nil
}
