package datasets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/datasets/table"
)

// Samples iterates over a split in file order. It holds a page of each column or, of an Arrow file, a record batch. An
// error, which comes with a zero sample, ends the iteration.
func (d *Dataset) Samples(split Split) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		r, err := d.openSplit(split, d.Meta.columns())
		if err != nil {
			yield(Sample{}, err)
			return
		}
		defer r.close()
		for {
			sample, err := r.sample()
			if err == io.EOF {
				return
			}
			if err == nil {
				if err = d.Meta.checkRead(sample); err != nil {
					err = fmt.Errorf("%s: %w", r.where(), err)
				}
			}
			if err != nil {
				yield(Sample{}, err)
				return
			}
			if !yield(sample, nil) {
				return
			}
		}
	}
}

// Labels returns the labels of a split in file order, reading no other column.
func (d *Dataset) Labels(split Split) ([]float32, error) {
	if d.Meta.Modality.Dense() {
		return nil, fmt.Errorf("%s: the labels of %s are dense: a sample has none of its own", d.Dir, d.Meta.Title)
	}
	return readAll(d, split, labelColumn, func(v table.Value) (float32, error) {
		return float32(v.Number), d.Meta.LabelSpace.Check(float32(v.Number))
	})
}

// IDs returns the ids of a split in file order, reading no other column.
func (d *Dataset) IDs(split Split) ([]string, error) {
	return readAll(d, split, idColumn, func(v table.Value) (string, error) { return v.Text, nil })
}

// Subset tells of each frame of a split of modality depth, in file order, whether it is in the subset for feature
// statistics. It reads no other column.
func (d *Dataset) Subset(split Split) ([]bool, error) {
	return readAll(d, split, column{name: colSubset, kind: table.Bool},
		func(v table.Value) (bool, error) { return v.Bool, nil })
}

// readAll reads a column of a split.
func readAll[T any](d *Dataset, split Split, c column, convert func(table.Value) (T, error)) ([]T, error) {
	r, err := d.openSplit(split, []column{c})
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []T
	for {
		row, err := r.next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := convert(row[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.where(), err)
		}
		all = append(all, value)
	}
}

// GenreFile lists the genre of each sample, where the raw files name one (STS-B: main-captions, main-forums,
// main-news). It lies beside dataset.yaml, apart from what is trained on, so that no hash depends on it.
const GenreFile = "genres.csv"

// GenreColumns is the header of GenreFile.
var GenreColumns = []string{"id", "genre"}

// Genres returns the genre of each sample of all splits by its id. A dataset without them is an error.
func (d *Dataset) Genres() (map[string]string, error) {
	path := filepath.Join(d.Dir, GenreFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: %s has no genres, or was converted before they were kept: convert it again, "+
			"which leaves its hashes as they are", path, d.Meta.Title)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	genres, err := readGenres(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return genres, nil
}

func readGenres(r io.Reader) (map[string]string, error) {
	rows := csv.NewReader(table.WithoutMark(r))
	header, err := rows.Read()
	if err != nil || !slices.Equal(header, GenreColumns) {
		return nil, errors.New("expected a header with id and genre")
	}
	genres := map[string]string{}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return genres, nil
		}
		if err != nil {
			return nil, err
		}
		genres[row[0]] = row[1]
	}
}
