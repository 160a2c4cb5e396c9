package cmd

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/reports/gate"
	"github.com/dirbench/dirbench/runner/store"
)

// errCheckFailed ends a check that found something worse; the table has been printed by then.
var errCheckFailed = errors.New("check failed")

// checkOptions are the flags and arguments of dirbench check.
type checkOptions struct {
	gate.Options
	root   string
	file   string
	update bool
	force  bool
	json   bool
}

func newCheckCmd() *cobra.Command {
	o := checkOptions{Options: gate.DefaultOptions()}
	cmd := &cobra.Command{
		Use:   "check [STORE] --baseline FILE",
		Short: "Compare a store's runs with a baseline and fail if something became worse",
		Long:  checkHelp,
		Example: `  dirbench run --suite ci --out fresh && dirbench check fresh --baseline ci/baseline.json
  dirbench check fresh --baseline ci/baseline.json --only 'agedb-dir/*' --json
  dirbench check fresh --baseline ci/baseline.json --update`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.root = defaultOut; len(args) > 0 {
				o.root = args[0]
			}
			if err := o.validate(cmd); err != nil {
				return err
			}
			if o.update {
				return updateBaseline(o, cmd.ErrOrStderr())
			}
			return compareStore(o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.file, "baseline", "", "the baseline file")
	flags.BoolVar(&o.update, "update", false, "write the baseline file from the store, in place of comparing")
	flags.BoolVar(&o.force, "force", false, "let --update replace a baseline that has cells which the store lacks")
	flags.BoolVar(&o.json, "json", false, "print the report as JSON")
	flags.StringSliceVar(&o.Only, "only", nil,
		"globs over BENCHMARK/METHOD or BENCHMARK: check these cells, for stores with a part of the suite")
	flags.Float64Var(&o.Alpha, "alpha", o.Alpha, "probability that unchanged code fails by its metrics, at most")
	flags.Float64Var(&o.Alert, "alert", o.Alert, "worsening that alerts, if it is significant on its own: 0.05 for 5 %")
	flags.Float64Var(&o.Fail, "fail", o.Fail, "worsening that fails, if it is significant among all comparisons")
	flags.IntVar(&o.MinSeeds, "min-seeds", o.MinSeeds, "seeds that a comparison needs on both sides")
	return cmd
}

const checkHelp = `Check compares the finished runs of a store, of the suite that a baseline file names, with that baseline, and prints
what moved as a Markdown table, worst first. The store should be a fresh one: runs that a changed program finds done are
skipped, and then the old ones would be compared; a note says so if the runs' commit is not this program's.

Metrics are compared by their means over seeds, for each method, metric and shot region, by a one-sided test: only a
worsening counts. Where both sides have at least --min-seeds seeds in common it is the paired t-test by seed, else Welch's.
Holm's method adjusts the p-values over all comparisons, so that unchanged code fails in at most one check of a hundred
(--alpha). A comparison fails if its adjusted p is at most --alpha and the worsening at least --fail, a share of the baseline's
mean; of correlations and threshold accuracies it is the fall itself, 0.10 being 0.10 of Pearson's r. It alerts, which fails
nothing, if p on its own is at most 0.05 and the worsening at least --alert; some alerts are chance.

Fingerprints are compared exactly, better or worse: the sizes of the test and training regions, the training counts of the
bins, and for seeds of the baseline the loss of the first step, within 0.1 %. If one moved under the same configuration the
code has changed the protocol, and the check fails.

It also fails if a cell (a method on a benchmark) of the baseline has no runs, if runs of it failed or are not finished, if
a metric has no value any more, and if the configuration or the data are not the baseline's. Where the baseline has at least
--min-seeds seeds and the store fewer, the cell fails: "too few seeds". Where the store lacks seeds of the baseline but has at
least --min-seeds, the same or others, a row says so: an alert. Where the baseline itself has fewer than --min-seeds nothing
can be tested; a row says "not tested" and fails nothing. Methods that the baseline does not have are listed.

--update writes a new baseline from a store whose runs of the suite are all finished. It refuses if that would lack cells
which the file has, unless --force is given.

EXIT STATUS
  0  nothing failed
  1  the store or the baseline is missing or damaged, or the store has no run of the baseline's suite
  2  usage
  4  the check failed: a regression, or another of the above`

func (o *checkOptions) validate(cmd *cobra.Command) error {
	switch {
	case o.file == "":
		return usagef("--baseline: expected a file, such as ci/baseline.json")
	case o.update && (o.json || len(o.Only) > 0):
		return usagef("--update writes every cell of the store and prints no report: leave out --only and --json")
	case o.force && !o.update:
		return usagef("--force goes with --update only")
	case !(o.Alpha > 0 && o.Alpha < 1):
		return usagef("--alpha %v: expected a number between 0 and 1", o.Alpha)
	case !(o.Alert >= 0):
		return usagef("--alert %v: expected a share such as 0.05", o.Alert)
	case !(o.Fail >= o.Alert):
		return usagef("--fail %v: expected at least --alert, %v", o.Fail, o.Alert)
	case o.MinSeeds < 2:
		return usagef("--min-seeds %d: expected at least 2, for there is no variance in one", o.MinSeeds)
	}
	for _, pattern := range o.Only {
		if _, err := path.Match(pattern, ""); err != nil {
			return usagef("--only %q: %w", pattern, err)
		}
	}
	return nil
}

func compareStore(o checkOptions, stdout, stderr io.Writer) error {
	base, err := gate.Read(o.file)
	if err != nil {
		return err
	}
	runs, err := readSound(o.root)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Manifest.Suite == base.Suite }) {
		return fmt.Errorf("%s: no run of suite %s, which %s is of: expected a store of dirbench run --suite %s",
			o.root, base.Suite, o.file, base.Suite)
	}
	report, err := base.Compare(runs, o.Options)
	if err != nil {
		return err
	}
	if report.Selected == 0 {
		return usagef("--only %q: no cell of %s matches: expected globs over BENCHMARK/METHOD, such as %s",
			o.Only, o.file, base.Cells[0].Name())
	}
	print := report.Markdown
	if o.json {
		print = report.JSON
	}
	if err := print(stdout); err != nil {
		return err
	}
	if note := report.OtherProgram(store.Commit()); note != "" {
		fmt.Fprintln(stderr, note)
	}
	return checkResult(report)
}

// checkResult returns the error of a failed check, which names what failed.
func checkResult(report *gate.Report) error {
	if !report.Failed {
		return nil
	}
	var found []string
	for _, v := range report.Found() {
		if v.Fails() {
			found = append(found, string(v))
		}
	}
	return fmt.Errorf("%w: %s", errCheckFailed, strings.Join(found, ", "))
}

// readSound returns the runs of a store with their events, which hold the first losses. A damaged run is an error,
// since nothing could be said of its cell.
func readSound(root string) ([]store.Run, error) {
	runs, err := store.Walk(root)
	runs = store.WithoutEncoders(runs)
	if err == nil && len(runs) == 0 {
		err = noRuns(root)
	}
	return runs, err
}

// updateBaseline writes the baseline and says on stderr what is in it.
func updateBaseline(o checkOptions, stderr io.Writer) error {
	runs, err := readSound(o.root)
	if err != nil {
		return err
	}
	base, err := gate.New(runs)
	if err != nil {
		return err
	}
	if !o.force {
		if err := checkLarger(o, base); err != nil {
			return err
		}
	}
	if err := base.Write(o.file); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s: suite %s, %s of %s\n", o.file, base.Suite,
		count(len(base.Cells), "cell"), count(len(runs), "run"))
	for _, c := range base.Cells {
		if n := c.Seeds(); n < o.MinSeeds {
			fmt.Fprintf(stderr, "%s has %s: its metrics are not tested below %d\n", c.Name(), count(n, "seed"), o.MinSeeds)
		}
	}
	return nil
}

// checkLarger finds a baseline file with cells that the new one lacks. A damaged file is there to be replaced.
func checkLarger(o checkOptions, base *gate.Baseline) error {
	there, err := gate.Read(o.file)
	if err != nil {
		return nil
	}
	if n := base.Lacking(there); n > 0 {
		return fmt.Errorf("%s has %s, of which %s lacks %d: run the rest of suite %s too, or give --force",
			o.file, count(len(there.Cells), "cell"), o.root, n, there.Suite)
	}
	return nil
}
