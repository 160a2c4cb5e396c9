package task

import (
	"math"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods"
)

// mixture tells how the rows of a resampled training split come from the original ones; nil: the split is as it was.
type mixture struct {
	methods.Resampled
	spread []float64 // standard deviations of the input that noise is a share of, as the task defines them
}

// at returns the origin of a row. One that is not synthetic has itself as both parents.
func (m *mixture) at(row int) methods.Synthetic {
	if m == nil {
		return methods.Synthetic{First: row, Second: row}
	}
	if row < len(m.Keep) {
		return methods.Synthetic{First: m.Keep[row], Second: m.Keep[row]}
	}
	return m.Synthetic[row-len(m.Keep)]
}

// rows returns the rows of the resampled split. The id of a synthetic one is that of its parents, joined by "+"; its
// input is as long as the longer of theirs.
func (m *mixture) rows(original *Rows) Rows {
	mixed := Rows{}
	for _, row := range m.Keep {
		mixed.IDs, mixed.Labels = append(mixed.IDs, original.IDs[row]), append(mixed.Labels, original.Labels[row])
	}
	for _, s := range m.Synthetic {
		mixed.IDs, mixed.Labels = append(mixed.IDs, original.IDs[s.First]+"+"+original.IDs[s.Second]),
			append(mixed.Labels, s.Label)
	}
	if original.Lengths != nil {
		for row := range mixed.Len() {
			s := m.at(row)
			mixed.Lengths = append(mixed.Lengths, max(original.Lengths[s.First], original.Lengths[s.Second]))
		}
	}
	return mixed
}

// noisy reports whether any row has noise.
func (m *mixture) noisy() bool {
	for _, s := range m.Synthetic {
		if s.Noise > 0 {
			return true
		}
	}
	return false
}

// withTraining returns splits with another training split.
func withTraining[R any](splits map[datasets.Split]R, train R) map[datasets.Split]R {
	changed := map[datasets.Split]R{}
	for split, rows := range splits {
		changed[split] = rows
	}
	changed[datasets.Train] = train
	return changed
}

// moments adds up values for their standard deviation.
type moments struct{ n, sum, squares float64 }

func (m *moments) add(v float64) {
	m.n++
	m.sum += v
	m.squares += v * v
}

func (m *moments) mean() float64 { return m.sum / max(m.n, 1) }

func (m *moments) deviation() float64 {
	return math.Sqrt(max(0, m.squares/max(m.n, 1)-m.mean()*m.mean()))
}
