package store

import (
	"cmp"
	"fmt"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// RowKey is what all runs of a table have in common. A row of the table is a method in one configuration.
type RowKey struct {
	Benchmark string    `json:"benchmark"`
	Dataset   string    `json:"dataset"`
	Twin      bool      `json:"twin"`
	Scale     string    `json:"scale"`
	Fidelity  string    `json:"semantics"` // paper or official
	Selection Selection `json:"selection"`
}

// RowKey returns the key of the table that the run belongs to.
func (m Manifest) RowKey() RowKey {
	return RowKey{m.Benchmark, m.Dataset.Name, m.Dataset.Twin, m.Scale, m.Fidelity, m.Selection}
}

// Compare orders tables by what they show, real data before its twin.
func (k RowKey) Compare(other RowKey) int {
	twin := map[bool]int{true: 1}
	return cmp.Or(
		cmp.Compare(k.Benchmark, other.Benchmark),
		cmp.Compare(k.Dataset, other.Dataset),
		cmp.Compare(twin[k.Twin], twin[other.Twin]),
		cmp.Compare(k.Scale, other.Scale),
		cmp.Compare(k.Fidelity, other.Fidelity),
		cmp.Compare(k.Selection.String(), other.Selection.String()),
	)
}

// Selection says which epoch's numbers a run reports: the best one by a metric on a split. The test split is what the
// released code of some benchmarks selects on. The zero value is unknown.
type Selection struct {
	Split  datasets.Split
	Metric metrics.Metric
}

// String returns "best validation MAE" or "best test RMSE (official)", which manifests hold; "" if it is unknown.
func (s Selection) String() string {
	switch s.Split {
	case "":
		return ""
	case datasets.Test:
		return "best " + s.Name() + " (official)"
	}
	return "best " + s.Name()
}

// Name is what was selected by: "validation MAE".
func (s Selection) Name() string {
	split := string(s.Split)
	if s.Split == datasets.Val {
		split = "validation"
	}
	return split + " " + s.Metric.Label()
}

// MarshalText writes the text of manifests.
func (s Selection) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText finds the selection whose text it is.
func (s *Selection) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = Selection{}
		return nil
	}
	for _, split := range datasets.Splits {
		for _, m := range metrics.Known {
			if known := (Selection{split, m}); known.String() == string(text) {
				*s = known
				return nil
			}
		}
	}
	return fmt.Errorf("selection %q: expected such as best validation MAE", text)
}
