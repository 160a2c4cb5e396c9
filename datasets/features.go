package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dirbench/dirbench/datasets/table"
)

// Feature is a column of a table. It takes one element or more of [Sample.Features]: a number itself, a category one
// for each of its levels, a list all that it has.
type Feature struct {
	Name string `yaml:"name" json:"name"`
	// Levels are the values of a category in the training split. The element of a row's own level is 1 and the others are
	// 0; all are 0 where a row has another value.
	Levels []string `yaml:"levels,flow,omitempty" json:"levels,omitempty"`
	// Size is the number of elements of a list, such as an embedding; 0 for numbers and categories.
	Size int `yaml:"size,omitempty" json:"size,omitempty"`
	// Median, where numbers are missing, is the median of the training split, which stands in for them. A second element
	// is then 1 where the number was missing and 0 elsewhere. nil: no number is missing, and there is one element.
	Median *float32 `yaml:"median,omitempty" json:"median,omitempty"`
}

// Width is the number of elements of the column.
func (f Feature) Width() int {
	switch {
	case f.Levels != nil:
		return len(f.Levels)
	case f.Median != nil:
		return 2
	}
	return max(1, f.Size)
}

// FeatureWidth is the number of elements of all columns.
func FeatureWidth(features []Feature) (width int) {
	for _, f := range features {
		width += f.Width()
	}
	return width
}

// maxFeatures bounds the elements of a row.
const maxFeatures = 1 << 20

// validateFeatures checks the columns, which a table has and no other dataset.
func (m Meta) validateFeatures() error {
	if (m.Modality == Table) != (len(m.Features) > 0) {
		return fmt.Errorf("features: %d columns in a dataset of modality %s", len(m.Features), m.Modality)
	}
	names := map[string]bool{}
	for _, f := range m.Features {
		if names[f.Name] {
			return fmt.Errorf("features: name %q is there twice", f.Name)
		}
		names[f.Name] = true
		if err := f.validate(); err != nil {
			return fmt.Errorf("features: %s: %w", f.Name, err)
		}
	}
	if width := FeatureWidth(m.Features); width > maxFeatures {
		return fmt.Errorf("features: %d elements: expected at most %d", width, maxFeatures)
	}
	return nil
}

func (f Feature) validate() error {
	kinds := 0
	for _, is := range []bool{f.Levels != nil, f.Size != 0, f.Median != nil} {
		if is {
			kinds++
		}
	}
	levels := slices.Sorted(slices.Values(f.Levels))
	switch {
	case kinds > 1:
		return errors.New("expected one of levels, size and median")
	case len(slices.Compact(levels)) != len(f.Levels):
		return errors.New("levels: a level is there twice")
	case f.Size < 0 || f.Size > maxFeatures:
		return fmt.Errorf("size %d: expected 1 to %d", f.Size, maxFeatures)
	case f.Median != nil && !finite(*f.Median):
		return fmt.Errorf("median %v: expected a finite number", *f.Median)
	}
	return nil
}

// checkFeatures checks that a row has an element for each that the columns say, and only finite ones.
func (s Sample) checkFeatures(features []Feature) error {
	if width := FeatureWidth(features); len(s.Features) != width {
		return fmt.Errorf("%d features: expected %d", len(s.Features), width)
	}
	rest := s.Features
	for _, f := range features {
		if slices.ContainsFunc(rest[:f.Width()], func(v float32) bool { return !finite(v) }) {
			return fmt.Errorf("feature %s is not a finite number", f.Name)
		}
		rest = rest[f.Width():]
	}
	return nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// Cell returns the list or the number that a cell is or, in a CSV file, stands for; is is Numbers, Number, Scalar where
// the value is missing or may be, and Text for anything else.
func Cell(v table.Value) (list []float32, number float64, is table.Kind) {
	switch {
	case v.Null:
		return nil, 0, table.Scalar
	case v.Kind == table.Numbers:
		return v.List, 0, table.Numbers
	case v.Kind == table.Number:
		return nil, v.Number, table.Number
	case v.Kind != table.Scalar:
		return nil, 0, table.Text
	}
	text := strings.TrimSpace(v.Text)
	if table.MissingNumber(text) {
		return nil, 0, table.Scalar
	}
	if number, err := table.ParseNumber(text); err == nil {
		return nil, number, table.Number
	}
	if list, ok := table.ParseNumbers(v.Text); ok {
		return list, 0, table.Numbers
	}
	return nil, 0, table.Text
}

// Level returns the value of a category as text, "" for a missing one. That of a truth value is true or false, also
// where a CSV file has True.
func Level(v table.Value) string {
	switch lower := strings.ToLower(v.Text); {
	case v.Null:
		return ""
	case v.Kind == table.Number:
		return table.NumberText(v.Number)
	case v.Kind == table.Bool:
		return strconv.FormatBool(v.Bool)
	case v.Kind == table.Scalar && (lower == "true" || lower == "false"):
		return lower
	}
	return v.Text
}

// EncodeFeatures makes [Sample.Features] of the cells of a row, which are of kind [table.Any]. It counts, by column,
// the values of categories that the training split does not have, unless unseen is nil. A cell that is not what its
// column was in training is an error.
func EncodeFeatures(features []Feature, cells []table.Value, unseen map[string]int) ([]float32, error) {
	row := make([]float32, 0, FeatureWidth(features))
	for i, f := range features {
		list, number, is := Cell(cells[i])
		switch {
		case f.Levels != nil:
			levels := make([]float32, len(f.Levels))
			if at := slices.Index(f.Levels, Level(cells[i])); at >= 0 {
				levels[at] = 1
			} else if unseen != nil {
				unseen[f.Name]++
			}
			row = append(row, levels...)
		case f.Size > 0 && len(list) == f.Size:
			row = append(row, list...)
		case f.Size > 0:
			return nil, fmt.Errorf("column %q: expected a list of %d numbers", f.Name, f.Size)
		case is == table.Number && f.Median == nil:
			row = append(row, float32(number))
		case is == table.Number:
			row = append(row, float32(number), 0)
		case is == table.Scalar && f.Median != nil:
			row = append(row, *f.Median, 1)
		case is == table.Scalar:
			return nil, fmt.Errorf("column %q has no number, and none was missing in training: fill it in", f.Name)
		default:
			return nil, fmt.Errorf("column %q: expected a number", f.Name)
		}
	}
	return row, nil
}
