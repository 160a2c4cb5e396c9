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

	"github.com/apache/arrow/go/v15/parquet"
)

// Samples iterates over a split in file order. It holds one row group at a time: some 256 images or 4096 texts.
// An error, which comes with a zero sample, ends the iteration.
func (d *Dataset) Samples(split Split) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		f, err := d.openSplit(split, d.Meta.columns())
		if err != nil {
			yield(Sample{}, err)
			return
		}
		defer f.close()
		d.stream(f, yield)
	}
}

// stream yields the samples of an open file, checking the labels.
func (d *Dataset) stream(f *parquetFile, yield func(Sample, error) bool) {
	row := 0
	for group := range f.groups() {
		samples, err := readGroup(f, group, d.Meta)
		if err != nil {
			yield(Sample{}, err)
			return
		}
		for _, sample := range samples {
			if err := d.Meta.checkLabel(sample); err != nil {
				yield(Sample{}, fmt.Errorf("%s: row %d: %w", f.path, row+1, err))
				return
			}
			if !yield(sample, nil) {
				return
			}
			row++
		}
	}
}

// Labels returns the labels of a split in file order, reading no other column.
func (d *Dataset) Labels(split Split) ([]float32, error) {
	if d.Meta.Modality.Dense() {
		return nil, fmt.Errorf("%s: the labels of %s are dense: a sample has none of its own", d.Dir, d.Meta.Title)
	}
	labels, err := readAll[float32](d, split, labelColumn)
	if err != nil {
		return nil, err
	}
	for row, label := range labels {
		if err := d.Meta.LabelSpace.Check(label); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", d.path(split), row+1, err)
		}
	}
	return labels, nil
}

// IDs returns the ids of a split in file order, reading no other column.
func (d *Dataset) IDs(split Split) ([]string, error) {
	values, err := readAll[parquet.ByteArray](d, split, idColumn)
	return toStrings(values), err
}

// Subset tells of each frame of a split of modality depth, in file order, whether it is in the subset for feature
// statistics. It reads no other column.
func (d *Dataset) Subset(split Split) ([]bool, error) {
	return readAll[bool](d, split, column{name: colSubset, kind: boolColumn})
}

func readAll[T any](d *Dataset, split Split, c column) ([]T, error) {
	f, err := d.openSplit(split, []column{c})
	if err != nil {
		return nil, err
	}
	defer f.close()
	var all []T
	for group := range f.groups() {
		values, err := readColumn[T](f, group, c.name)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

func (d *Dataset) openSplit(split Split, columns []column) (*parquetFile, error) {
	if !split.valid() {
		return nil, fmt.Errorf("%s: split %q: expected train, val or test", d.Dir, split)
	}
	return openParquet(d.path(split), columns)
}

// readGroup reads all columns of a row group.
func readGroup(f *parquetFile, group int, meta Meta) ([]Sample, error) {
	var samples []Sample
	signal := 0
	for _, c := range meta.columns() {
		var err error
		switch c.kind {
		case floatColumn:
			err = readInto(f, group, c, &samples, func(s *Sample, v float32) { s.Label = v })
		case boolColumn:
			err = readInto(f, group, c, &samples, func(s *Sample, v bool) { s.Subset = v })
		case listColumn:
			err = readSignal(f, group, c, samples, signal, len(meta.Groups))
			signal++
		default:
			err = readInto(f, group, c, &samples, func(s *Sample, v parquet.ByteArray) { s.set(c.name, v) })
		}
		if err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// readInto reads a column of a row group into its samples, which the first column makes.
func readInto[T any](f *parquetFile, group int, c column, samples *[]Sample, set func(*Sample, T)) error {
	values, err := readColumn[T](f, group, c.name)
	if err != nil {
		return err
	}
	if *samples == nil {
		*samples = make([]Sample, len(values))
	}
	for i, value := range values {
		set(&(*samples)[i], value)
	}
	return nil
}

// readSignal reads the column of one of the channel groups.
func readSignal(f *parquetFile, group int, c column, samples []Sample, signal, signals int) error {
	lists, err := readLists(f, group, c.name)
	if err != nil {
		return err
	}
	for i, list := range lists {
		if samples[i].Signals == nil {
			samples[i].Signals = make([][]float32, signals)
		}
		samples[i].Signals[signal] = list
	}
	return nil
}

func toStrings(values []parquet.ByteArray) []string {
	out := make([]string, len(values))
	for i, value := range values {
		out[i] = string(value)
	}
	return out
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
	rows := csv.NewReader(r)
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
