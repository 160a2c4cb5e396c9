package convert

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/dirbench/dirbench/datasets"
)

// Columns of the GLUE STS-B files, counted from 0.
const (
	colGenre     = 1
	colSentence1 = 7
	colSentence2 = 8
	colScore     = 9
)

// pair is a row of an STS-B file.
type pair struct {
	line      int    // in the file, from 1
	genre     string // main-captions, main-forums or main-news
	sentences [2]string
	label     float32
}

func readPairFile(path string) ([]pair, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readPairs(path, file)
}

// readPairs reads a GLUE STS-B file: a header, then tab-separated rows without quoting. Lines are stripped of white
// space at both ends, as the official reader does. Errors name the file and the line.
func readPairs(name string, r io.Reader) ([]pair, error) {
	const longest = 1 << 20
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longest)
	var pairs []pair
	line := 0
	for lines.Scan() {
		line++
		columns := strings.Split(strings.TrimSpace(lines.Text()), "\t")
		p, err := parsePair(line, columns)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if line > 1 {
			pairs = append(pairs, p)
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%s:%d: the line is longer than %d bytes", name, line+1, longest)
	} else if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, line+1, err)
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s: no rows: expected a header and sentence pairs", name)
	}
	return pairs, nil
}

// parsePair checks the header, which is line 1, and parses any other line.
func parsePair(line int, columns []string) (pair, error) {
	if len(columns) <= colScore {
		return pair{}, fmt.Errorf("%d tab-separated columns, expected 10 (sentence1, sentence2 and score are the last three)",
			len(columns))
	}
	if line == 1 {
		if columns[colSentence1] != "sentence1" {
			return pair{}, errors.New("expected the header of the GLUE STS-B files, with sentence1 as column 8")
		}
		return pair{}, nil
	}
	sentences := [2]string{columns[colSentence1], columns[colSentence2]}
	for i, s := range sentences {
		if strings.TrimSpace(s) == "" {
			return pair{}, fmt.Errorf("sentence%d is empty", i+1)
		}
	}
	label, err := parseLabel(columns[colScore], datasets.STSBSpace())
	return pair{line, genreOf(columns[colGenre]), sentences, label}, err
}

// genreOf returns a genre in one spelling: part of the official rows have main-forum for main-forums.
func genreOf(text string) string {
	if text == "main-forum" {
		return "main-forums"
	}
	return text
}
