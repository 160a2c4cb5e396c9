package published

import (
	"fmt"

	"github.com/dirbench/dirbench/datasets"
)

// Measured describes measured results as far as it decides about what may stand beside them.
type Measured struct {
	Dataset   string
	Twin      bool
	Scale     string // "full" is the published recipe
	Semantics string // "official" reproduces the released code
	Selection string
	Split     string
	Samples   Sizes // tested
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
	differ(m.Semantics != Official, "%s semantics instead of official", m.Semantics)
	differ(m.Selection != b.Selection, "epoch selected by %s instead of %s", m.Selection, b.Selection)
	differ(m.Split != string(datasets.Test), "scores of the %s split instead of test", m.Split)
	if len(list) == 0 { // sizes say nothing new where the data are others
		differ(m.Samples.All == 0, "no finished runs")
	}
	if len(list) == 0 {
		differ(!b.sameSizes(m.Samples), "test regions of %s instead of %s", m.Samples, b.Samples)
	}
	return list
}

// sameSizes compares the sizes that are known.
func (b Benchmark) sameSizes(m Sizes) bool {
	own, other := b.Samples.list(), m.list()
	for i, n := range own {
		switch {
		case n == 0:
		case b.Proportions && n*other[0] != other[i]*own[0]:
			return false
		case !b.Proportions && n != other[i]:
			return false
		}
	}
	return true
}

func (s Sizes) list() [4]int { return [4]int{s.All, s.Many, s.Medium, s.Few} }

// String returns "many 1530, medium 448, few 162", or the total where only that is known.
func (s Sizes) String() string {
	if s.Many+s.Medium+s.Few == 0 {
		return fmt.Sprintf("%d in all", s.All)
	}
	return fmt.Sprintf("many %d, medium %d, few %d", s.Many, s.Medium, s.Few)
}
