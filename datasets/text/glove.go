package text

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets/table"
)

// ReadGloVe reads word vectors in GloVe's text format, "word v1 v2 … vD" a line, plain, gzip or in a zip
// archive such as glove.6B.zip, and returns those of the wanted words, leaving out tokens that contain spaces. Every
// line must have dim values.
func ReadGloVe(path string, dim int, wanted func(word string) bool) (map[string][]float32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("word vectors: %w", err)
	}
	defer file.Close()
	in, err := decompressed(file, dim)
	if err != nil {
		return nil, fmt.Errorf("word vectors %s: %w", path, err)
	}
	vectors := map[string][]float32{}
	lines := bufio.NewScanner(table.WithoutMark(in))
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

// decompressed tells the forms of a file by its first bytes.
func decompressed(file *os.File, dim int) (io.Reader, error) {
	in := bufio.NewReader(file)
	switch magic, _ := in.Peek(4); {
	case strings.HasPrefix(string(magic), "\x1f\x8b"):
		return gzip.NewReader(in)
	case string(magic) == "PK\x03\x04":
		return zipped(file, dim)
	}
	return in, nil
}

// zipped opens the text file of an archive. GloVe's own archives have one for each width, "glove.6B.100d.txt".
func zipped(file *os.File, dim int) (io.Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("damaged zip archive (%w)", err)
	}
	var only, named *zip.File
	var names []string
	for _, entry := range archive.File {
		if entry.FileInfo().IsDir() || strings.HasPrefix(entry.Name, "__MACOSX/") {
			continue
		}
		names = append(names, entry.Name)
		only = entry
		if strings.HasSuffix(entry.Name, fmt.Sprintf(".%dd.txt", dim)) {
			named = entry
		}
	}
	if named == nil && len(names) != 1 {
		return nil, fmt.Errorf("a zip archive with %d files (%s), none of which ends in .%dd.txt: unpack the one to be used",
			len(names), strings.Join(names, ", "), dim)
	}
	return cmp.Or(named, only).Open()
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
