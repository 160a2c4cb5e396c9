package published

import (
	"fmt"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Measured describes measured results as far as it decides about what may stand beside them.
type Measured struct {
	store.RowKey
	Split   string
	Samples metrics.Sizes // tested
}

// Obstacles says why results published under the official protocol must not stand beside measured ones; nothing if they may.
func (b Benchmark) Obstacles(m Measured) []string {
	var list []string
	differ := func(differs bool, format string, args ...any) {
		if differs {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	differ(b.Unreleased != "", "%s", b.Unreleased)
	differ(m.Twin, "a procedural twin instead of real data")
	differ(m.Dataset != b.Dataset, "dataset %s instead of %s", m.Dataset, b.Dataset)
	differ(m.Scale != "full", "scale %s instead of full", m.Scale)
	differ(m.Fidelity != Official, "%s semantics instead of official", m.Fidelity)
	differ(m.Selection != b.Selection, "epoch selected by %s instead of %s", m.Selection, b.Selection)
	differ(m.Split != string(datasets.Test), "scores of the %s split instead of test", m.Split)
	if len(list) == 0 { // sizes say nothing new where the data are others
		differ(m.Samples[metrics.All] == 0, "no finished runs")
	}
	if len(list) == 0 {
		differ(!b.sameSizes(m.Samples), "test regions of %s instead of %s", sizes(m.Samples), sizes(b.Samples))
	}
	return list
}

// sameSizes compares the sizes that are known.
func (b Benchmark) sameSizes(other metrics.Sizes) bool {
	for region, n := range b.Samples {
		switch {
		case n == 0:
		case b.Proportions && n*other[metrics.All] != other[region]*b.Samples[metrics.All]:
			return false
		case !b.Proportions && n != other[region]:
			return false
		}
	}
	return true
}

// shots is the number of samples in the shot regions, 0 if only their total is known.
func shots(s metrics.Sizes) int { return s[datasets.Many] + s[datasets.Medium] + s[datasets.Few] }

// sizes returns "many 1530, medium 448, few 162", or the total where only that is known.
func sizes(s metrics.Sizes) string {
	if shots(s) == 0 {
		return fmt.Sprintf("%d in all", s[metrics.All])
	}
	return s.String()
}
