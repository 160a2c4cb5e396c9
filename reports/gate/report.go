package gate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
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

var verdicts = []Verdict{Protocol, Missing, RunsFailed, Unfinished, FewSeeds, Configuration, Vanished, Regression,
	Alert, NotTested, NotInBaseline}

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
	Cell     string `json:"cell"`     // BENCHMARK/METHOD
	Metric   string `json:"metric"`   // of Known metrics by its name, else "first loss", "test samples", "runs", …
	Region   string `json:"region"`   // or the seed of a first loss; may be empty
	Baseline string `json:"baseline"` // "7.40 ± 0.28 (4)"
	Now      string `json:"now"`
	// Change is the worsening as a share, 0.05 for 5 %; of a fingerprint its relative change; or undefined.
	Change   metrics.Value `json:"change"`
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

// Markdown writes what moved as a table, worst first, and a line that sums it up.
func (r *Report) Markdown(w io.Writer) error {
	fmt.Fprintf(w, "## Check of suite %s\n\n%s\n\n", reports.Escape(r.Suite), reports.Escape(r.origin()))
	if len(r.Rows) > 0 {
		if err := r.table(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%s\n", reports.Escape(r.Summary()))
	return err
}

func (r *Report) origin() string {
	return fmt.Sprintf("Baseline: commit %s. Runs: commit %s, backend %s.",
		list(short(r.Baseline)), list(short(r.Commits)), list(r.Backends))
}

func (r *Report) table(w io.Writer) error {
	var sheet reports.Sheet
	for _, header := range []string{"Cell", "Metric", "Region", "Baseline", "Now", "Change", "p", "p adjusted", "Test",
		"Verdict"} {
		number := slices.Contains([]string{"Baseline", "Now", "Change", "p", "p adjusted"}, header)
		sheet.Columns = append(sheet.Columns, reports.SheetColumn{Header: header, Number: number})
	}
	for _, row := range r.Rows {
		sheet.Rows = append(sheet.Rows, row.cells())
	}
	return sheet.Grid(w)
}

func (r Row) cells() (cells []reports.SheetCell) {
	for _, text := range []string{r.Cell, metrics.Metric(r.Metric).Label(), r.Region, r.Baseline, r.Now, r.change(),
		probability(r.P),
		probability(r.Adjusted), string(r.Test), string(r.Verdict)} {
		cells = append(cells, reports.Text(cmp.Or(text, "—")))
	}
	cells[len(cells)-1].Bold = r.Verdict.Fails()
	return cells
}

// change is the worsening; points of 0.01 for metrics at most 1, where a worsening is a fall.
func (r Row) change() string {
	switch {
	case math.IsNaN(float64(r.Change)):
		return ""
	case math.IsInf(float64(r.Change), 1):
		return "+∞"
	case metrics.Metric(r.Metric).HigherIsBetter():
		return fmt.Sprintf("%+.1f points", -100*float64(r.Change))
	}
	return fmt.Sprintf("%+.1f %%", 100*float64(r.Change))
}

func probability(p metrics.Value) string {
	if !p.Defined() {
		return ""
	}
	return strconv.FormatFloat(float64(p), 'g', 2, 64)
}

// Summary says in one line what was compared and what came of it.
func (r *Report) Summary() string {
	cells := english.Plural(r.Cells, "cell", "")
	if r.Cells != r.Selected {
		cells = fmt.Sprintf("%d out of %s", r.Cells, english.Plural(r.Selected, "cell", ""))
	}
	compared := fmt.Sprintf("%s and %s of %s", english.Plural(r.Comparisons, "metric", ""),
		english.Plural(r.Exact, "fingerprint", ""), cells)
	if len(r.Rows) == 0 {
		return "Nothing moved: " + compared + " compared."
	}
	var found []string
	for _, v := range r.Found() {
		found = append(found, fmt.Sprintf("%s %d", v, r.Count(v)))
	}
	outcome := "Passed: "
	if r.Failed {
		outcome = "Failed: "
	}
	return outcome + compared + " compared; rows: " + strings.Join(found, ", ") + "."
}

// JSON writes the report as an indented JSON object.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// OtherProgram returns a line that warns if another program than that of the given commit made the runs, else "".
// Unknown commits say nothing.
func (r *Report) OtherProgram(commit string) string {
	known := func(c string) bool { return c != "" && c != "unknown" }
	others := slices.DeleteFunc(slices.Clone(r.Commits), func(c string) bool { return !known(c) || c == commit })
	if !known(commit) || len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("note: the runs were made by commit %s, this program is commit %s: a changed program needs a "+
		"fresh store "+
		"(dirbench run --out NEW)", list(short(others)), list(short([]string{commit})))
}

// short cuts commits to 12 digits.
func short(commits []string) []string {
	texts := make([]string, len(commits))
	for i, c := range commits {
		revision, dirty := strings.CutSuffix(c, "+dirty")
		texts[i] = revision[:min(12, len(revision))]
		if dirty {
			texts[i] += "+dirty"
		}
	}
	return texts
}

func list(texts []string) string {
	if len(texts) == 0 {
		return "—"
	}
	return strings.Join(texts, ", ")
}
