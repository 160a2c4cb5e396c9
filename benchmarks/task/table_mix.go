package task

import (
	"math"
	"math/rand/v2"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// Descriptor returns elements between which the squared Euclidean distance is that of HEOM (Wilson and Martinez, Improved
// Heterogeneous Distance Functions, JAIR 1997, section 2.3): numbers as a share of their range in the training split, and 1
// between two different categories. A number that is missing has the distance 1 to one that is not, beside that of the
// median.
func (t *tableTask) Descriptor(row int) []float32 {
	described := make([]float32, len(t.elements))
	values := t.Splits[datasets.Train].values[row*len(t.elements):]
	at := 0
	for _, f := range t.features {
		for range f.Width() {
			switch e := t.elements[at]; {
			case f.Levels != nil:
				described[at] = values[at] * math.Sqrt2 / 2 // two elements differ
			case !e.number:
				described[at] = values[at]
			case e.span > 0:
				described[at] = float32((float64(values[at]) - e.mean) / e.span)
			}
			at++
		}
	}
	return described
}

// Mix makes the synthetic rows: numbers between those of the parents, with noise that is a share of the standard deviation
// in the training split; a category, and a number that is missing in one of the parents, from either of them.
func (t *tableTask) Mix(r methods.Resampled) (Task, error) {
	original := t.Splits[datasets.Train]
	mix := &mixture{Resampled: r}
	train := &tableRows{Rows: mix.rows(&original.Rows)}
	for row := range train.Len() {
		train.values = t.appendMixed(train.values, mix.at(row))
	}
	mixed := *t
	mixed.Splits = withTraining(t.Splits, train)
	return &mixed, nil
}

// appendMixed appends the elements of a row that is made of others.
func (t *tableTask) appendMixed(into []float32, s methods.Synthetic) []float32 {
	width, values := len(t.elements), t.Splits[datasets.Train].values
	parents := [2][]float32{values[s.First*width:][:width], values[s.Second*width:][:width]}
	random := rand.New(rand.NewPCG(s.Seed, 0))
	at := 0
	for _, f := range t.features {
		either := parents[random.IntN(2)][at : at+f.Width()]
		missing := f.Median != nil && parents[0][at+1]+parents[1][at+1] > 0
		if f.Levels != nil || missing {
			into = append(into, either...)
			at += f.Width()
			continue
		}
		for range f.Width() {
			a, b := parents[0][at], parents[1][at]
			v := float64(a) + s.Share*(float64(b)-float64(a))
			if e := t.elements[at]; s.Noise > 0 && e.number {
				v += random.NormFloat64() * s.Noise * e.deviation
			}
			into = append(into, float32(v))
			at++
		}
	}
	return into
}
