package convert

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
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
