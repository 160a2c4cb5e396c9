package score

import (
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/table"
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
	r, err := openRows(path, columns, required, nil, table.Scalar)
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
		return fmt.Errorf("%s: labels go from %v to %v, and %v would be %v, as labels are kept in 32 bits: "+
			"subtract a constant",
			path, p.lowest, p.highest, p.rounded, float64(float32(p.rounded)))
	}
	return nil
}

// Regression returns the manifest for the targets of any regression. Its bins and shot regions follow from the training
// labels.
func Regression(targets Targets, train []float32, binning datasets.Binning, shots datasets.ShotRule) (
	store.Manifest, error) {
	space, err := binning.Space("", train, targets.Labels)
	if err != nil {
		return store.Manifest{}, err
	}
	dataset := store.Dataset{
		Name: targets.Name, Title: targets.Name, LabelSpace: space, Shots: shots, TrainCounts: space.Count(train),
	}
	dataset.Describe(train)
	return store.Manifest{Suite: Suite, Benchmark: targets.Name, Metrics: Metrics, Dataset: dataset},
		shots.Validate(space.Bins)
}
