package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/runner/store"
)

// Write writes the file, atomically.
func (b *Baseline) Write(path string) error { return store.WriteJSON(path, b) }

// Read reads a baseline file and checks it. The error is one line with the file and the field.
func Read(path string) (*Baseline, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("baseline: %w: dirbench check STORE --baseline %s --update writes one", err, path)
	}
	b, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: restore the file, or write a new one with dirbench check --update", path, err)
	}
	return b, nil
}

func parse(raw []byte) (*Baseline, error) {
	b := &Baseline{}
	var head struct{ Schema int }
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("damaged JSON (%w)", err)
	}
	if head.Schema != Schema {
		return nil, fmt.Errorf("schema: %d: expected %d", head.Schema, Schema)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(b); err != nil {
		return nil, fmt.Errorf("damaged JSON (%w)", err)
	}
	return b, b.validate()
}

func (b *Baseline) validate() error {
	if b.Suite == "" {
		return fmt.Errorf("suite: missing")
	}
	if len(b.Cells) == 0 {
		return fmt.Errorf("cells: expected at least one")
	}
	for i, c := range b.Cells {
		if err := c.validate(); err != nil {
			return fmt.Errorf("cells[%d] (%s): %w", i, c.Name(), err)
		}
		if i > 0 && compareKeys(b.Cells[i-1].Key, c.Key) >= 0 {
			return fmt.Errorf("cells[%d] (%s): expected cells in order, each once", i, c.Name())
		}
	}
	return nil
}

func (c Cell) validate() error {
	switch {
	case c.Benchmark == "":
		return fmt.Errorf("benchmark: missing")
	case c.Method == "":
		return fmt.Errorf("method: missing")
	case len(c.Config) != 8:
		return fmt.Errorf("config: %q: expected 8 digits", c.Config)
	}
	for _, sizes := range []struct {
		field string
		n     metrics.Sizes
	}{{"test_sizes", c.TestSizes}, {"train_sizes", c.TrainSizes}} {
		for _, region := range metrics.Regions {
			if n, ok := sizes.n[region]; !ok || n < 0 {
				return fmt.Errorf("%s.%s: expected the number of samples", sizes.field, region)
			}
		}
	}
	return c.validateMetrics()
}

func (c Cell) validateMetrics() error {
	for _, m := range slices.Sorted(maps.Keys(c.Metrics)) {
		if _, err := metrics.ParseMetric(string(m)); err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		for _, region := range slices.Sorted(maps.Keys(c.Metrics[m])) {
			if err := c.Metrics[m][region].validate(); err != nil {
				return fmt.Errorf("metrics.%s.%s.%w", m, region, err)
			}
		}
	}
	return nil
}

// validate finds a summary that does not belong to its values: a file that was edited or merged by hand.
func (s Sample) validate() error {
	if len(s.Values) == 0 {
		return fmt.Errorf("values: expected at least one seed")
	}
	want := newSample(s.Values)
	slack := 1e-9 * math.Abs(float64(want.Mean)) // rounding, all there is where values are equal
	switch {
	case s.N != want.N:
		return fmt.Errorf("n: %d: expected %d, the number of values", s.N, want.N)
	case !near(float64(s.Mean), float64(want.Mean), 1e-9):
		return fmt.Errorf("mean: %v: expected %v, the mean of the values", s.Mean, want.Mean)
	case s.Std.Defined() != want.Std.Defined(),
		want.Std.Defined() && math.Abs(float64(s.Std-want.Std)) > 1e-6*math.Abs(float64(want.Std))+slack:
		return fmt.Errorf("std: %v: expected %v, the standard deviation of the values", s.Std, want.Std)
	}
	return nil
}

// near reports whether two numbers differ by at most the given share of the larger one.
func near(a, b, share float64) bool {
	return math.Abs(a-b) <= share*max(math.Abs(a), math.Abs(b))
}
