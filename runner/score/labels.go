package score

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// ReadTargets returns the rows of a file with ids and labels, of any form that [Read] takes.
func ReadTargets(path string, columns Columns) (Targets, error) {
	t := Targets{Name: filepath.Base(path), Split: datasets.Test, index: map[string]int{}}
	err := readLabels(path, columns, []Role{ID, Label}, func(id string, label float32) error {
		if _, there := t.index[id]; there || id == "" {
			return fmt.Errorf("id %.40q: expected one that is not empty and was not there before", id)
		}
		t.index[id] = len(t.IDs)
		t.IDs, t.Labels = append(t.IDs, id), append(t.Labels, label)
		return nil
	})
	return t, err
}

// ReadTrainLabels returns the column of labels in a file of any form that [Read] takes.
func ReadTrainLabels(path string, columns Columns) (labels []float32, err error) {
	err = readLabels(path, columns, []Role{Label}, func(_ string, label float32) error {
		labels = append(labels, label)
		return nil
	})
	return labels, err
}

// readLabels hands over the rows of a file, each of which must have a finite label, and which has at least one. Labels
// that 32 bits hardly tell apart are an error.
func readLabels(path string, columns Columns, required []Role, each func(id string, label float32) error) error {
	r, err := openRows(path, columns, required, nil)
	if err != nil {
		return err
	}
	defer r.file.Close()
	var kept precision
	for n := 0; ; n++ {
		switch err := r.next(); {
		case err == io.EOF && n > 0:
			return kept.check(r.path)
		case err == io.EOF:
			return fmt.Errorf("%s: no rows", r.path)
		case err != nil:
			return err
		case n == maxValues:
			return fmt.Errorf("%s: expected at most %d rows", r.path, maxValues)
		}
		label, ok := r.cells[Label].number()
		if !ok {
			err = fmt.Errorf("label %s: expected a finite number, at most 3.4e38", r.cells[Label])
		} else {
			kept.add(label)
			err = each(r.cells[ID].Text, float32(label))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.file.Where(), err)
		}
	}
}

// precision is what labels lose as 32-bit numbers.
type precision struct {
	seen            bool
	lowest, highest float64
	worst, rounded  float64 // the largest rounding error, and the label that has it
}

func (p *precision) add(label float64) {
	if !p.seen {
		p.seen, p.lowest, p.highest = true, label, label
	}
	p.lowest, p.highest = min(p.lowest, label), max(p.highest, label)
	if off := math.Abs(float64(float32(label)) - label); off > p.worst {
		p.worst, p.rounded = off, label
	}
}

// check refuses labels of which one moves by more than a ten-thousandth of their range.
func (p *precision) check(path string) error {
	if span := p.highest - p.lowest; span > 0 && p.worst > 1e-4*span {
		return fmt.Errorf("%s: labels go from %v to %v, and %v would be %v, as labels are kept in 32 bits: subtract a constant",
			path, p.lowest, p.highest, p.rounded, float64(float32(p.rounded)))
	}
	return nil
}

// Regression returns the manifest for the targets of any regression: its label space holds the labels in bins of a
// width, or, where that is 0, in about a hundred bins whose width is 1, 2 or 5 times a power of ten; its shot regions
// follow from the training labels.
func Regression(targets Targets, train []float32, width float64, shots datasets.ShotRule) (store.Manifest, error) {
	space, err := spaceOf(width, train, targets.Labels)
	if err != nil {
		return store.Manifest{}, err
	}
	dataset := store.Dataset{
		Name: targets.Name, Title: targets.Name, LabelSpace: space, Shots: shots, TrainCounts: space.Count(train),
	}
	dataset.Describe(train)
	return store.Manifest{Suite: Suite, Benchmark: targets.Name, Metrics: Metrics, Dataset: dataset}, shots.Validate(space.Bins)
}

// spaceOf returns a label space that holds all labels, with bins that begin at multiples of their width.
func spaceOf(width float64, labels ...[]float32) (datasets.LabelSpace, error) {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, list := range labels {
		lowest, highest = min(lowest, float64(slices.Min(list))), max(highest, float64(slices.Max(list)))
	}
	if width == 0 {
		width = niceWidth(highest - lowest)
	}
	first := math.Floor(lowest / width)
	bins := math.Floor(highest/width) - first + 1
	if !(bins <= 1e6) {
		return datasets.LabelSpace{}, fmt.Errorf(
			"labels from %g to %g have too many bins of width %g: expected a larger --bin-width", lowest, highest, width)
	}
	s := datasets.LabelSpace{Min: first * width, Rule: datasets.BinWidth, Bins: int(bins), Width: width}
	s.Max = s.Min + bins*width
	return s, s.Validate()
}

// niceWidth returns the smallest of 1, 2 and 5 times a power of ten that divides a range into at most a hundred bins; 1
// for an empty range.
func niceWidth(span float64) float64 {
	if span == 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(span/100)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= span/100 {
			return digit * power
		}
	}
	return 10 * power
}
