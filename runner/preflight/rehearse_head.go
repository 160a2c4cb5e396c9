package preflight

import (
	"fmt"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// The rows of a dataset's head: so many training rows where a method has to find neighbours among them, and so many of
// validation and test.
const (
	resampledRows = 64
	evaluatedRows = 2
)

// head identifies the beginning of a dataset.
type head struct {
	dir  string
	rows int // of the training split
}

// head writes a dataset of the first rows of each split, once.
func (r *Rehearser) head(dataset *datasets.Dataset, rows int) (*datasets.Dataset, error) {
	key := head{dataset.Dir, rows}
	if there := r.heads[key]; there != nil {
		return there, nil
	}
	dir := filepath.Join(r.Dir, fmt.Sprintf("data%d", len(r.heads)))
	if err := writeHead(dir, dataset, rows); err != nil {
		return nil, store.Failure{Class: store.ClassData, Err: err}
	}
	made, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	if r.heads == nil {
		r.heads = map[head]*datasets.Dataset{}
	}
	r.heads[key] = made
	return made, nil
}

func writeHead(dir string, dataset *datasets.Dataset, rows int) error {
	writer, err := datasets.Create(dir, dataset.Meta)
	if err != nil {
		return err
	}
	defer writer.Abort()
	for _, split := range datasets.Splits {
		out, err := writer.Split(split)
		if err != nil {
			return err
		}
		left := rows
		if split != datasets.Train {
			left = evaluatedRows
		}
		for sample, err := range dataset.Samples(split) {
			if err != nil {
				return err
			}
			sample.Subset = true // FDS measures its features on all of them
			if err := out.Write(sample); err != nil {
				return err
			}
			if left--; left == 0 {
				break
			}
		}
	}
	return writer.Close()
}
