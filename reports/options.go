package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
)

// Options choose what tables show and what they test.
type Options struct {
	// Metrics are the columns; nil means those that the runs' manifests list, each with its balanced form over all samples
	// beside it. A metric that neither a manifest lists nor a run has stored gets no column.
	Metrics []metrics.Metric
	Split   datasets.Split // whose scores; empty means test

	Interval string  // what stands behind a mean, one of Intervals; empty means std
	Level    float64 // of the intervals; 0 means 0.95
	Baseline string  // the method that all others of a table are compared with, such as vanilla; empty means none
	Test     string  // that decides about significance, one of Tests; empty means t
	Alpha    float64 // level of the tests, also of those across benchmarks; 0 means 0.05

	Published bool // add what the literature has on the tables' benchmarks
}

// The choices of Options.Interval: the standard deviation, Student's interval of the mean, or the bootstrap's of Efron
// (1987).
const (
	IntervalStd = "std"
	IntervalT   = "t"
	IntervalBCa = "bca"
)

// The choices of Options.Test, both paired by seed: Student's and Wilcoxon's signed-rank test.
const (
	TestT        = "t"
	TestWilcoxon = "wilcoxon"
)

// Intervals and Tests list the choices.
var (
	Intervals = []string{IntervalStd, IntervalT, IntervalBCa}
	Tests     = []string{TestT, TestWilcoxon}
)

const defaultAlpha = 0.05

// withDefaults fills in what is left open. The error names a value that there is not.
func (o Options) withDefaults() (Options, error) {
	o.Split = cmp.Or(o.Split, datasets.Test)
	o.Interval, o.Test = cmp.Or(o.Interval, IntervalStd), cmp.Or(o.Test, TestT)
	o.Level, o.Alpha = cmp.Or(o.Level, 0.95), cmp.Or(o.Alpha, defaultAlpha)
	switch {
	case !slices.Contains(Intervals, o.Interval):
		return o, fmt.Errorf("interval %q: expected one of %s", o.Interval, strings.Join(Intervals, ", "))
	case !slices.Contains(Tests, o.Test):
		return o, fmt.Errorf("test %q: expected one of %s", o.Test, strings.Join(Tests, ", "))
	case !(o.Level > 0 && o.Level < 1):
		return o, fmt.Errorf("level %g: expected a number between 0 and 1, such as 0.95", o.Level)
	case !(o.Alpha > 0 && o.Alpha < 1):
		return o, fmt.Errorf("alpha %g: expected a number between 0 and 1, such as 0.05", o.Alpha)
	}
	return o, nil
}

// spread says what stands behind the means.
func (o Options) spread() string {
	switch o.Interval {
	case IntervalT:
		return "mean [" + percent(o.Level) + " t interval]"
	case IntervalBCa:
		return "mean [" + percent(o.Level) + " BCa bootstrap interval]"
	}
	return "mean ± standard deviation (ddof 1)"
}

func percent(share float64) string { return fmt.Sprintf("%g %%", 100*share) }
