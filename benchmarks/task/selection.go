package task

import (
	"bytes"
	"encoding/json"

	"gopkg.in/yaml.v3"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// Selection says what chooses the epoch. In YAML it is {split: val, metric: bmae} or the split alone, in JSON the split
// alone unless there is a metric.
type Selection struct {
	// Split is "val", or "official-test" where the released code has no validation split; training then takes in the
	// validation rows.
	Split string `yaml:"split" json:"split"`
	// Metric is empty for the benchmark's own.
	Metric metrics.Metric `yaml:"metric" json:"metric"`
}

// The splits that may choose the epoch.
const (
	SelectVal          = "val"
	SelectOfficialTest = "official-test"
)

// UnmarshalYAML reads a split, or changes the fields that a mapping names.
func (s *Selection) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&s.Split)
	}
	type fields Selection
	return node.Decode((*fields)(s))
}

// MarshalJSON writes the split alone if the metric is the benchmark's own.
func (s Selection) MarshalJSON() ([]byte, error) {
	if s.Metric == "" {
		return json.Marshal(s.Split)
	}
	type fields Selection
	return json.Marshal(fields(s))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Selection) UnmarshalJSON(text []byte) error {
	*s = Selection{}
	if bytes.HasPrefix(text, []byte(`"`)) {
		return json.Unmarshal(text, &s.Split)
	}
	type fields Selection
	return json.Unmarshal(text, (*fields)(s))
}

// SelectionSplit returns the split that chooses the epoch.
func (r Recipe) SelectionSplit() datasets.Split {
	if r.Selection.Split == SelectOfficialTest {
		return datasets.Test
	}
	return datasets.Val
}
