package convert

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
)

// stsbFiles are the official files of STS-B-DIR by split.
var stsbFiles = map[datasets.Split]string{
	datasets.Train: "train_new.tsv",
	datasets.Val:   "dev_new.tsv",
	datasets.Test:  "test_new.tsv",
}

// stsbMeta describes STS-B-DIR.
func stsbMeta() datasets.Meta {
	return datasets.Meta{
		Name: "sts-b", Title: "STS-B-DIR", Modality: datasets.Text,
		LabelSpace: datasets.STSBSpace(), Shots: datasets.STSBShots(),
		Source:  "STS-B of GLUE (Cer et al. 2017; Wang et al. 2018), split of Yang et al. 2021",
		Licence: "CC BY-SA 4.0",
	}
}

// STSB converts the official STS-B-DIR files (train_new.tsv, dev_new.tsv, test_new.tsv) in rawDir, which may also be
// the glue_data folder or its parent. Ids are split and row: "train-0". Any malformed row is an error that names
// file and line. The genres of the pairs go to datasets.GenreFile.
func STSB(ctx context.Context, rawDir string, opts Options) (*datasets.Dataset, error) {
	dir, err := findSTSB(rawDir)
	if err != nil {
		return nil, err
	}
	pairs := map[datasets.Split][]pair{}
	for _, split := range datasets.Splits {
		if pairs[split], err = readPairFile(filepath.Join(dir, stsbFiles[split])); err != nil {
			return nil, err
		}
	}
	meta := opts.meta(stsbMeta())
	train := func(p pair) (datasets.Split, float32) { return datasets.Train, p.label }
	if pairs[datasets.Train], err = dropTrain(opts, &meta, pairs[datasets.Train], train); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	w, err := opts.create(meta)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	done, total := 0, 0
	for _, list := range pairs {
		total += len(list)
	}
	for _, split := range datasets.Splits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := writePairs(w, split, pairs[split]); err != nil {
			return nil, err
		}
		done += len(pairs[split])
		opts.progress(done, total)
	}
	if err := w.AddFile(datasets.GenreFile, genreTable(pairs)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return datasets.Open(filepath.Join(opts.Out, meta.Name))
}

// findSTSB returns the folder with the official files: rawDir or where the official archive has them below it.
func findSTSB(rawDir string) (string, error) {
	for _, below := range []string{"", "STS-B", filepath.Join("glue_data", "STS-B")} {
		dir := filepath.Join(rawDir, below)
		if _, err := os.Stat(filepath.Join(dir, stsbFiles[datasets.Train])); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%s: train_new.tsv is neither there nor in glue_data/STS-B below: expected the official "+
		"STS-B-DIR files train_new.tsv, dev_new.tsv and test_new.tsv", rawDir)
}

func writePairs(w *datasets.Writer, split datasets.Split, pairs []pair) error {
	s, err := w.Split(split)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		sample := datasets.Sample{ID: p.id(split), Label: p.label, Sentences: p.sentences}
		if err := s.Write(sample); err != nil {
			return fmt.Errorf("%s:%d: %w", stsbFiles[split], p.line, err)
		}
	}
	return nil
}

// id names a pair by its split and row, from 0, whichever other rows are dropped.
func (p pair) id(split datasets.Split) string { return fmt.Sprintf("%s-%d", split, p.line-2) }

// genreTable lists the genre of every pair by its id, as CSV.
func genreTable(pairs map[datasets.Split][]pair) []byte {
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	out.Write(datasets.GenreColumns) // into memory, which never fails
	for _, split := range datasets.Splits {
		for _, p := range pairs[split] {
			out.Write([]string{p.id(split), p.genre})
		}
	}
	out.Flush()
	return text.Bytes()
}

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
	lines := bufio.NewScanner(table.WithoutMark(r))
	lines.Buffer(nil, longest)
	var pairs []pair
	line, blank := 0, 0
	for lines.Scan() {
		line++
		text := strings.TrimSpace(lines.Text())
		if text == "" && line > 1 {
			blank = cmp.Or(blank, line) // fine at the end of the file
			continue
		}
		if blank > 0 {
			return nil, fmt.Errorf("%s:%d: the line is blank", name, blank)
		}
		p, err := parsePair(line, strings.Split(text, "\t"))
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
