package datasets

import (
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v15/parquet"
)

// Samples iterates over a split in file order. It holds one row group at a time: some 256 images or 4096 texts.
// An error, which comes with a zero sample, ends the iteration.
func (d *Dataset) Samples(split Split) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		f, err := d.openSplit(split, d.Meta.Modality.columns())
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
		samples, err := readGroup(f, group, d.Meta.Modality)
		if err != nil {
			yield(Sample{}, err)
			return
		}
		for _, sample := range samples {
			if err := d.Meta.LabelSpace.Check(sample.Label); err != nil {
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
	labels, err := readAll[float32](d, split, colLabel)
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
	values, err := readAll[parquet.ByteArray](d, split, colID)
	return toStrings(values), err
}

func readAll[T any](d *Dataset, split Split, column string) ([]T, error) {
	f, err := d.openSplit(split, []string{column})
	if err != nil {
		return nil, err
	}
	defer f.close()
	var all []T
	for group := range f.groups() {
		values, err := readColumn[T](f, group, column)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

func (d *Dataset) openSplit(split Split, columns []string) (*parquetFile, error) {
	if !split.valid() {
		return nil, fmt.Errorf("%s: split %q: expected train, val or test", d.Dir, split)
	}
	return openParquet(d.path(split), columns)
}

// readGroup reads all columns of a row group.
func readGroup(f *parquetFile, group int, modality Modality) ([]Sample, error) {
	labels, err := readColumn[float32](f, group, colLabel)
	if err != nil {
		return nil, err
	}
	samples := make([]Sample, len(labels))
	for i, label := range labels {
		samples[i].Label = label
	}
	for _, column := range append([]string{colID}, modality.inputColumns()...) {
		values, err := readColumn[parquet.ByteArray](f, group, column)
		if err != nil {
			return nil, err
		}
		for i, value := range values {
			samples[i].set(column, value)
		}
	}
	return samples, nil
}

func toStrings(values []parquet.ByteArray) []string {
	out := make([]string, len(values))
	for i, value := range values {
		out[i] = string(value)
	}
	return out
}
