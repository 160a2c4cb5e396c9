package task

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/dirbench/dirbench/benchmarks/models"
	"github.com/dirbench/dirbench/datasets"
)

// TableModel is a multi-layer perceptron on the columns of a table.
type TableModel struct {
	// Hidden are the widths of the hidden layers, the last of which is the feature z.
	Hidden []int `yaml:"hidden,flow" json:"hidden"`
}

// Validate reports the first thing wrong with the section.
func (m *TableModel) Validate() error {
	if len(m.Hidden) == 0 || slices.Min(m.Hidden) < 1 {
		return fmt.Errorf("table: hidden %v: expected the widths of one layer or more, such as [20, 30, 10]", m.Hidden)
	}
	return nil
}

// Modality is that of tables.
func (*TableModel) Modality() datasets.Modality { return datasets.Table }

// Traits are those of an input without any: what follows from the training split is kept with the parameters.
func (*TableModel) Traits() InputTraits { return InputTraits{} }

// Small returns the section itself: an input is as large as it is.
func (m *TableModel) Small() Input { return m }

// Trained returns the section itself.
func (m *TableModel) Trained() Input { return m }

// TorchNames are none: no network was released.
func (*TableModel) TorchNames() TorchNames { return TorchNames{} }

// Preparation are the columns in the order of their elements. The network standardises numbers itself.
func (*TableModel) Preparation(ds *datasets.Dataset) (map[string]any, error) {
	return map[string]any{"features": ds.Meta.Features}, nil
}

// tableTask holds the rows of a table.
type tableTask struct {
	Base[*tableRows]
	model    TableModel
	features []datasets.Feature
	elements []element // of a row; nil without the training split
}

type tableRows struct {
	Rows
	values []float32 // rows × elements, as the dataset has them
}

// element is what the training split says of an element of the rows.
type element struct {
	number    bool // or one of a list of numbers; else it is 0 or 1
	mean      float64
	deviation float64 // standard deviation (ddof 0); 0 where all rows have one value
}

// Load reads the rows. Those of another dataset than the network was trained on are brought to its columns by their
// names.
func (m *TableModel) Load(ds *datasets.Dataset, _ Recipe, options LoadOptions) (Task, error) {
	task := &tableTask{model: *m, features: ds.Meta.Features,
		Base: Base[*tableRows]{Splits: map[datasets.Split]*tableRows{}}}
	if options.Features != nil {
		task.features = options.Features
	}
	arrange, err := arrangement(task.features, ds.Meta.Features)
	if err != nil {
		return nil, fmt.Errorf("dataset %s: %w", ds.Meta.Name, err)
	}
	for _, split := range options.splits() {
		rows := &tableRows{values: make([]float32, 0, ds.Meta.Splits[split].Rows*task.width())}
		for sample, err := range ds.Samples(split) {
			if err == nil {
				rows.values, err = arrange(rows.values, sample.Features)
				if err != nil {
					err = fmt.Errorf("dataset %s: split %s, id %s: %w", ds.Meta.Name, split, sample.ID, err)
				}
			}
			if err != nil {
				return nil, err
			}
			rows.IDs, rows.Labels = append(rows.IDs, sample.ID), append(rows.Labels, sample.Label)
		}
		task.Splits[split] = rows
	}
	if train := task.Splits[datasets.Train]; train != nil {
		task.elements = elementsOf(task.features, train)
	}
	return task, nil
}

// arrangement returns a function that appends a row of one table to those of another, whose columns it brings to the
// place, the levels and the medians of the others.
func arrangement(wanted, have []datasets.Feature) (func(into, row []float32) ([]float32, error), error) {
	if reflect.DeepEqual(wanted, have) {
		return func(into, row []float32) ([]float32, error) { return append(into, row...), nil }, nil
	}
	first := map[string]int{} // element of each column
	columns := map[string]datasets.Feature{}
	at := 0
	for _, f := range have {
		first[f.Name], columns[f.Name] = at, f
		at += f.Width()
	}
	for _, f := range wanted {
		there, ok := columns[f.Name]
		if !ok {
			return nil, fmt.Errorf("column %q is missing, which the network was trained on", f.Name)
		}
		if (there.Levels != nil) != (f.Levels != nil) || there.Size != f.Size {
			return nil, fmt.Errorf("column %q is of another kind than that which the network was trained on", f.Name)
		}
	}
	return func(into, row []float32) (_ []float32, err error) {
		for _, f := range wanted {
			there := columns[f.Name]
			if into, err = arrange(into, f, there, row[first[f.Name]:][:there.Width()]); err != nil {
				return nil, fmt.Errorf("column %q: %w", f.Name, err)
			}
		}
		return into, nil
	}, nil
}

// arrange appends the elements of a column as another one has them.
func arrange(into []float32, wanted, have datasets.Feature, values []float32) ([]float32, error) {
	switch missing := have.Median != nil && values[1] == 1; {
	case wanted.Levels != nil:
		for _, level := range wanted.Levels {
			var value float32
			if at := slices.Index(have.Levels, level); at >= 0 {
				value = values[at]
			}
			into = append(into, value)
		}
		return into, nil
	case wanted.Size > 0:
		return append(into, values...), nil
	case missing && wanted.Median == nil:
		return nil, errors.New("the number is missing, and none was where the network was trained")
	case missing:
		return append(into, *wanted.Median, 1), nil
	case wanted.Median != nil:
		return append(into, values[0], 0), nil
	}
	return append(into, values[0]), nil
}

// elementsOf measures the elements of the training rows.
func elementsOf(features []datasets.Feature, rows *tableRows) []element {
	var elements []element
	for _, f := range features {
		for i := range f.Width() {
			elements = append(elements, element{number: f.Levels == nil && (f.Median == nil || i == 0)})
		}
	}
	width, n := len(elements), float64(rows.Len())
	for i := range elements {
		e := &elements[i]
		low, high := math.Inf(1), math.Inf(-1)
		for at := i; at < len(rows.values); at += width {
			v := float64(rows.values[at])
			e.mean += v / n
			low, high = min(low, v), max(high, v)
		}
		if low == high {
			continue // the mean may be off by rounding, and the deviation then not 0
		}
		for at := i; at < len(rows.values); at += width {
			off := float64(rows.values[at]) - e.mean
			e.deviation += off * off / n
		}
		e.deviation = math.Sqrt(e.deviation)
	}
	return elements
}

func (t *tableTask) width() int { return datasets.FeatureWidth(t.features) }

// Dim is the width of the last hidden layer.
func (t *tableTask) Dim() int { return t.model.Hidden[len(t.model.Hidden)-1] }

// Batch returns the rows, float32 [n, elements]. Tables have no augmentation.
func (t *tableTask) Batch(memory *Memory, split datasets.Split, rows []int, _ *rand.Rand) (
	[]*tensors.Tensor, []float32) {
	all, width := t.Splits[split], t.width()
	x := filled(memory, shapes.Make(dtypes.Float32, len(rows), width), func(flat []float32) {
		for i, row := range rows {
			copy(flat[i*width:][:width], all.values[row*width:])
		}
	})
	return []*tensors.Tensor{x}, all.labelsOf(rows)
}

// AtOnce returns a power of two, so that splits of similar sizes share a compiled graph: all rows up to 1024.
func (t *tableTask) AtOnce(rows, _ int) int { return min(1<<bits.Len(uint(rows-1)), 1024) }

// Encode standardises the rows and takes them through the hidden layers.
func (t *tableTask) Encode(scope *model.Scope, inputs []*graph.Node, _ bool) *graph.Node {
	return models.MLP(scope, t.standardised(scope.At("input"), inputs[0]), t.model.Hidden)
}

// standardised standardises the numbers by the training split, which the parameters of the network keep, and leaves the
// elements of categories as they are. A number that is the same in all training rows is 0.
func (t *tableTask) standardised(scope *model.Scope, x *graph.Node) *graph.Node {
	mean, factor := make([]float32, len(t.elements)), make([]float32, len(t.elements))
	for i, e := range t.elements {
		switch {
		case !e.number:
			factor[i] = 1
		case e.deviation > 0:
			mean[i], factor[i] = float32(e.mean), float32(1/e.deviation)
		}
	}
	return models.Standardise(scope, x, mean, factor)
}
