package task

import (
	"math"
	"slices"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// columns returns the training rows by column: numbers, with NaN where one is missing, and levels of categories. A list
// has a column for each of its elements.
func (t *tableTask) columns() []methods.Column {
	var columns []methods.Column
	train, width := t.Splits[datasets.Train], t.width()
	at := 0
	for _, f := range t.features {
		made := make([]methods.Column, max(1, f.Size))
		for row := range train.Len() {
			values := train.values[row*width+at:][:f.Width()]
			if f.Levels != nil {
				made[0].Levels = append(made[0].Levels, slices.Index(values, 1))
				continue
			}
			for i := range made {
				v := float64(values[i])
				if f.Median != nil && values[1] == 1 {
					v = math.NaN()
				}
				made[i].Numbers = append(made[i].Numbers, v)
			}
		}
		columns = append(columns, made...)
		at += f.Width()
	}
	return columns
}

// Distance is that of HEOM.
func (t *tableTask) Distance() func(a, b int) float32 {
	return methods.HEOM(t.columns(), t.Splits[datasets.Train].Len())
}

// Mix makes the synthetic rows column by column.
func (t *tableTask) Mix(r methods.Resampled) (Task, error) {
	original, width := t.Splits[datasets.Train], t.width()
	train := &tableRows{Rows: (&mixture{Resampled: r}).rows(&original.Rows)}
	for _, row := range r.Keep {
		train.values = append(train.values, original.values[row*width:][:width]...)
	}
	columns := t.columns()
	for i := range columns {
		columns[i] = columns[i].Mix(r, i)
	}
	for row := range r.Synthetic {
		at := 0
		for _, f := range t.features {
			train.values = appendCells(train.values, f, columns[at:][:max(1, f.Size)], row)
			at += max(1, f.Size)
		}
	}
	mixed := *t
	mixed.Splits = withTraining(t.Splits, train)
	return &mixed, nil
}

// appendCells appends the elements that a row has in a feature.
func appendCells(into []float32, f datasets.Feature, columns []methods.Column, row int) []float32 {
	if f.Levels != nil {
		levels := make([]float32, len(f.Levels))
		if at := columns[0].Levels[row]; at >= 0 {
			levels[at] = 1
		}
		return append(into, levels...)
	}
	for _, c := range columns {
		switch v := c.Numbers[row]; {
		case f.Median == nil:
			into = append(into, float32(v))
		case math.IsNaN(v):
			into = append(into, *f.Median, 1)
		default:
			into = append(into, float32(v), 0)
		}
	}
	return into
}
