package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/tw"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/reports"
)

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
	left, right := tw.AlignLeft, tw.AlignRight
	grid := reports.NewGrid(w, []tw.Align{left, left, left, right, right, right, right, right, left, left})
	grid.Header([]string{"Cell", "Metric", "Region", "Baseline", "Now", "Change", "p", "p adjusted", "Test", "Verdict"})
	for _, row := range r.Rows {
		if err := grid.Append(row.texts()); err != nil {
			return err
		}
	}
	return grid.Render()
}

func (r Row) texts() []string {
	verdict := string(r.Verdict)
	texts := []string{r.Cell, metrics.Metric(r.Metric).Label(), r.Region, r.Baseline, r.Now, r.change(), probability(r.P),
		probability(r.Adjusted), string(r.Test), verdict}
	for i, t := range texts {
		texts[i] = reports.Escape(t)
		if t == "" {
			texts[i] = "—"
		}
	}
	if r.Verdict.Fails() {
		texts[len(texts)-1] = "**" + reports.Escape(verdict) + "**"
	}
	return texts
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
	cells := count(r.Cells, "cell")
	if r.Cells != r.Selected {
		cells = fmt.Sprintf("%d out of %s", r.Cells, count(r.Selected, "cell"))
	}
	compared := fmt.Sprintf("%s and %s of %s", count(r.Comparisons, "metric"), count(r.Exact, "fingerprint"), cells)
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

// count formats a number of things: "1 cell", "20 cells".
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// JSON writes the report as an indented JSON object.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// OtherProgram returns a line that warns if another program than that of the given commit made the runs, else "". Unknown
// commits say nothing.
func (r *Report) OtherProgram(commit string) string {
	known := func(c string) bool { return c != "" && c != "unknown" }
	others := slices.DeleteFunc(slices.Clone(r.Commits), func(c string) bool { return !known(c) || c == commit })
	if !known(commit) || len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("note: the runs were made by commit %s, this program is commit %s: a changed program needs a fresh store "+
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
