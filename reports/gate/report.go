package gate

import (
	"cmp"
	"slices"

	"github.com/dirbench/dirbench/benchmarks/metrics"
)

// Verdict says what a row of a report means.
type Verdict string

// The verdicts, worst first. Those before Alert fail the check.
const (
	Protocol      Verdict = "protocol changed"    // a fingerprint moved
	Missing       Verdict = "runs missing"        // the store has no run of the cell
	RunsFailed    Verdict = "runs failed"         // a run of the cell failed
	Unfinished    Verdict = "runs not finished"   // a run of the cell was interrupted, timed out or goes on
	FewSeeds      Verdict = "too few seeds"       // not tested, though the baseline has enough of them
	Configuration Verdict = "other configuration" // configuration or data are not the baseline's: update it
	Vanished      Verdict = "no value"            // a metric that the baseline has is undefined
	Regression    Verdict = "regression"          // significantly and much worse
	Alert         Verdict = "alert"               // perhaps worse, or some of the baseline's seeds are not there
	NotTested     Verdict = "not tested"          // the baseline itself has too few seeds
	NotInBaseline Verdict = "not in the baseline"
)

var verdicts = []Verdict{Protocol, Missing, RunsFailed, Unfinished, FewSeeds, Configuration, Vanished, Regression, Alert, NotTested,
	NotInBaseline}

// Fails reports whether the verdict fails the check.
func (v Verdict) Fails() bool { return slices.Index(verdicts, v) < slices.Index(verdicts, Alert) }

// Test is how a row's two sides were compared.
type Test string

// The tests.
const (
	Paired Test = "paired" // paired t-test by seed
	Welch  Test = "Welch"  // Welch's t-test
	Exact  Test = "exact"  // a fingerprint, or the runs themselves
)

// Row is one comparison that a reader must know of.
type Row struct {
	Cell     string        `json:"cell"`     // BENCHMARK/METHOD
	Metric   string        `json:"metric"`   // of Known metrics by its name, else "first loss", "test samples", "runs", …
	Region   string        `json:"region"`   // or the seed of a first loss; may be empty
	Baseline string        `json:"baseline"` // "7.40 ± 0.28 (4)"
	Now      string        `json:"now"`
	Change   metrics.Value `json:"change"` // worsening as a share, 0.05 for 5 %; of a fingerprint its relative change; or undefined
	P        metrics.Value `json:"p"`
	Adjusted metrics.Value `json:"p_adjusted"`
	Test     Test          `json:"test,omitempty"`
	Verdict  Verdict       `json:"verdict"`
}

// Report is the result of a check.
type Report struct {
	Suite       string   `json:"suite"`
	Baseline    []string `json:"baseline_commits"`
	Commits     []string `json:"commits"` // of the runs that were compared
	Backends    []string `json:"backends"`
	Options     Options  `json:"options"`
	Selected    int      `json:"selected"`    // cells of the baseline, those of Options.Only
	Cells       int      `json:"cells"`       // of these, the ones with runs that were compared
	Comparisons int      `json:"comparisons"` // metrics that were tested; the family of Holm's adjustment
	Exact       int      `json:"fingerprints"`
	Rows        []Row    `json:"rows"` // worst first
	Failed      bool     `json:"failed"`
}

// Count returns the number of rows with the verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, row := range r.Rows {
		if row.Verdict == v {
			n++
		}
	}
	return n
}

// Found returns the verdicts of the report's rows, each once, worst first.
func (r *Report) Found() []Verdict {
	return slices.DeleteFunc(slices.Clone(verdicts), func(v Verdict) bool { return r.Count(v) == 0 })
}

// finish orders the rows and says whether the check fails.
func (r *Report) finish() {
	slices.SortStableFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(
			cmp.Compare(slices.Index(verdicts, a.Verdict), slices.Index(verdicts, b.Verdict)),
			-cmp.Compare(size(a), size(b)),
		)
	})
	r.Failed = slices.ContainsFunc(r.Rows, func(row Row) bool { return row.Verdict.Fails() })
}

// size is how far a row moved; a fingerprint may have moved down.
func size(r Row) float64 {
	if r.Test == Exact {
		return max(float64(r.Change), -float64(r.Change))
	}
	return float64(r.Change)
}
