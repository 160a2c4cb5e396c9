// Package reports turns a run store into tables. The table model is apart from its rendering: texts in it are plain,
// and escaping is the renderer's business.
package reports

import (
	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/runner/store"
)

// Table compares methods on one benchmark, dataset, scale, semantics and selection rule.
type Table struct {
	Title string `json:"title"`
	store.RowKey
	Split    string   `json:"split"`    // that the methods were scored on
	Interval string   `json:"interval"` // what stands behind the means, one of Intervals
	Level    float64  `json:"level"`    // of the intervals
	Caption  []string `json:"caption"`  // sentences
	Columns  []Column `json:"columns"`
	Rows     []Row    `json:"rows"`
	Against  *Against `json:"against,omitempty"` // nil if nothing is compared
	// Uncertainty is nil if no method predicts a spread, or other metrics are asked for.
	Uncertainty *Uncertainty `json:"uncertainty,omitempty"`
	Warnings    []Warning    `json:"warnings"` // footnotes
}

// Column is one metric in one region.
type Column struct {
	Metric   metrics.Metric  `json:"metric"`
	Region   datasets.Region `json:"region"`
	Samples  int             `json:"samples"`        // or pixels in the region; 0 also if no run is finished
	Unit     string          `json:"unit,omitempty"` // of the value: "years", "years²"; empty without a unit
	Higher   bool            `json:"higher_is_better"`
	Decimals int             `json:"decimals"`
}

// Row is one method in one configuration.
type Row struct {
	Label  string `json:"label"`
	Method string `json:"method"`
	Config string `json:"config"` // first 8 digits of the hash over the configuration without its seed and the data
	N      int    `json:"n"`      // seeds behind the values
	Cells  []Cell `json:"cells"`  // one for each column
	// Overridden are the fields of the recipe in which the runs differ from the scale's own.
	Overridden []string `json:"overridden,omitempty"`

	Runs []store.Run `json:"-"` // all of the method's, finished or not, by seed
}

// Cell is a value as printed and as a number. Std, with the denominator n-1, is undefined for fewer than two seeds; Low
// and High, the interval of the mean, are undefined where none was asked for or exists.
type Cell struct {
	Text       string        `json:"text"`
	Mean       metrics.Value `json:"mean"`
	Std        metrics.Value `json:"std"`
	Low        metrics.Value `json:"low"`
	High       metrics.Value `json:"high"`
	Bold       bool          `json:"bold"`                 // the best of its column
	Mark       string        `json:"mark,omitempty"`       // MarkBetter, MarkWorse, MarkNone; empty: none is due
	Comparison *Comparison   `json:"comparison,omitempty"` // with the baseline; nil if there is none
}

// Warning is something a reader of the table must know, printed as a footnote.
type Warning struct {
	Kind WarningKind `json:"kind"`
	Text string      `json:"text"`
}

// WarningKind classifies warnings for programs.
type WarningKind string

// The kinds of warnings.
const (
	WarnOfficialTest WarningKind = "official-test-selection" // the epoch was chosen on the test set
	WarnImported     WarningKind = "imported-weights"        // a row of weights that were not trained here
	WarnExternal     WarningKind = "external-predictions"    // a row of another program's predictions
	WarnMissing      WarningKind = "missing-runs"            // failed, interrupted or running runs, left out
	WarnConfigs      WarningKind = "several-configs"         // a method with more than one configuration
	WarnDuplicates   WarningKind = "duplicate-runs"          // the same run stored more than once
	WarnUndefined    WarningKind = "undefined"               // a metric that some seed does not have
	WarnIdentity     WarningKind = "identity-violated"       // All is not the mean of its regions
	WarnSizes        WarningKind = "region-sizes"            // runs evaluated on regions of different sizes
	WarnCommits      WarningKind = "several-commits"
	WarnFewSeeds     WarningKind = "few-seeds"
	WarnTwin         WarningKind = "twin-data"      // a synthetic twin, not real data
	WarnEmpty        WarningKind = "empty-region"   // a region without samples
	WarnSmall        WarningKind = "small-region"   // a region with a handful of samples
	WarnTruncated    WarningKind = "truncated"      // trained for less than the scale's own recipe
	WarnRecipe       WarningKind = "changed-recipe" // trained with other settings than the scale's own recipe
	WarnData         WarningKind = "several-data"   // methods that were not trained and tested on the same files
	WarnUnpaired     WarningKind = "unpaired-seeds" // seeds or rows left out of the comparison with the baseline
	WarnUntested     WarningKind = "untested"       // differences without variance
	WarnBootstrap    WarningKind = "few-resampled"  // bootstrap intervals of a handful of seeds
	WarnPower        WarningKind = "no-power"       // a test that can show nothing
)
