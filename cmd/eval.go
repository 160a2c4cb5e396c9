package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks/metrics"
	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/methods/relevance"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

// evalOptions are the flags and arguments of dirbench eval.
type evalOptions struct {
	tableFlags
	root      string
	many, few int
	ownShots  bool // neither many nor few was given: the run's own rule
	gmZero    string
	relevance string
	extremes  string
	write     bool
	by        string
	width     int
	data      string
}

func newEvalCmd() *cobra.Command {
	var opts evalOptions
	cmd := &cobra.Command{
		Use:   "eval STORE|RUN",
		Short: "Recompute metrics from stored predictions",
		Long: `Recompute the metrics of finished runs from their predictions.parquet, under another shot rule or zero
policy if one is given, and print them as dirbench report does. Nothing is trained, and but for --by genre no dataset is
read. The argument is a store or the folder of one suite or one run.

With --by the tables break the metrics down instead: a row for each bin of the label space (or --width bins together),
exact label, or genre, a column for each method. Genres are those of the prepared dataset below --data, which dirbench
data convert stsb keeps.

SERA, the squared error-relevance area, needs a relevance of labels. By default it follows from the adjusted box plot of
the training labels, which the manifest keeps; --relevance and --extremes choose another, or control points.

With --write the metrics.json of every run is replaced; this needs the run's own rules, which its manifest records. If
a run cannot be read nothing is written.

EXIT STATUS
  0  success
  1  the store is missing, or a run cannot be read: the others are printed all the same
  2  usage`,
		Example: `  dirbench eval results/smoke --many 20 --few 5
  dirbench eval results/smoke/agedb-dir --by bin --width 10 --metrics mae
  dirbench eval results/small-sts-b --by genre --data data
  dirbench eval results --metrics sera --relevance boxplot --extremes high
  dirbench eval results --metrics sera --relevance 20:1,45:0,80:1
  dirbench eval results --write`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.root = args[0]
			opts.ownShots = !cmd.Flags().Changed("many") && !cmd.Flags().Changed("few")
			for _, name := range []string{"interval", "level", "baseline", "test", "alpha", "published"} {
				if opts.by != "" && cmd.Flags().Changed(name) {
					return usagef("--%s: a breakdown has means and standard deviations only: leave it or --by out", name)
				}
			}
			return runEval(cmd.Context(), opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	opts.register(cmd)
	cmd.Flags().IntVar(&opts.many, "many", -1,
		"many-shot: bins with more training samples than this (with --few; default: the dataset's rule)")
	cmd.Flags().IntVar(&opts.few, "few", -1, "few-shot: bins with fewer training samples than this (with --many)")
	cmd.Flags().Lookup("many").DefValue, cmd.Flags().Lookup("few").DefValue = "0", "0" // help shows no default
	cmd.Flags().StringVar(&opts.gmZero, "gm-zero", "",
		"an error of exactly 0 in GM: zero (GM is 0) or eps (counts as 1e-10); default: the benchmark's")
	cmd.Flags().StringVar(&opts.relevance, "relevance", "",
		"relevance of labels, for SERA: adjusted or boxplot, of the training labels, or control points LABEL:RELEVANCE,… "+
			"(default: adjusted)")
	cmd.Flags().StringVar(&opts.extremes, "extremes", "",
		"which end of the labels is relevant: both, high or low (default: both)")
	cmd.Flags().StringVar(&opts.by, "by", "", "break down by bin, label or genre")
	cmd.Flags().IntVar(&opts.width, "width", 1, "bins of the label space in a row of --by bin")
	addDataRootFlag(cmd, &opts.data)
	cmd.Flags().BoolVar(&opts.write, "write", false, "replace the runs' metrics.json")
	return cmd
}

func runEval(ctx context.Context, opts evalOptions, stdout, stderr io.Writer) error {
	choice, err := opts.options()
	if err != nil {
		return err
	}
	if err := opts.check(); err != nil {
		return err
	}
	runs, damaged, err := readStore(opts.root)
	if err != nil {
		return err
	}
	if opts.by != "" {
		return opts.breakDown(runs, damaged, choice, stdout)
	}
	if runs, damaged, err = opts.evaluateAll(ctx, runs, damaged); err != nil {
		return err
	}
	if opts.write {
		if len(damaged) > 0 {
			return fmt.Errorf("--write: nothing is written, for a run cannot be read: %w", damaged[0].Err)
		}
		n, err := writeResults(runs)
		if err != nil {
			return err
		}
		fmt.Fprintf(stderr, "wrote %s of %s\n", store.MetricsFile, count(n, "run"))
	}
	report, err := reports.New(runs, damaged, choice)
	if err != nil {
		return err
	}
	if err := opts.checkBaseline(report.Tables); err != nil {
		return err
	}
	if err := printReport(stdout, report, opts.format); err != nil {
		return err
	}
	return damagedError(damaged)
}

// evaluateAll evaluates the runs; one that cannot be evaluated moves to the damaged ones.
func (o *evalOptions) evaluateAll(ctx context.Context, runs []store.Run, damaged []store.DamagedRun) (
	[]store.Run, []store.DamagedRun, error) {
	var good []store.Run
	for _, r := range runs {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if err := o.evaluate(&r); err != nil {
			damaged = append(damaged, store.DamagedRun{Dir: r.Dir, Manifest: r.Manifest, Err: err})
		} else {
			good = append(good, r)
		}
	}
	return good, damaged, nil
}

// check finds flags that are wrong or do not go together.
func (o *evalOptions) check() error {
	if !o.ownShots && (o.few < 0 || o.many < o.few) {
		return usagef("--many, --few: expected both, many >= few >= 0")
	}
	if o.gmZero != "" {
		if _, err := metrics.ParseZeroPolicy(o.gmZero); err != nil {
			return usagef("--gm-zero: %w", err)
		}
	}
	if err := o.checkRelevance(); err != nil {
		return err
	}
	if err := o.checkBy(); err != nil {
		return err
	}
	if o.write && (!o.ownShots || o.gmZero != "" || o.ownRelevance()) {
		return usagef("--write keeps to the rules in the manifests: leave out --many, --few, --gm-zero, --relevance " +
			"and --extremes")
	}
	return nil
}

func (o *evalOptions) ownRelevance() bool { return o.relevance != "" || o.extremes != "" }

// ofBoxplot reports whether the relevance follows from a box plot of the training labels.
func (o *evalOptions) ofBoxplot() bool {
	return slices.Contains([]relevance.Form{"", relevance.Adjusted, relevance.Plain}, relevance.Form(o.relevance))
}

func (o *evalOptions) checkRelevance() error {
	if err := relevance.Extremes(o.extremes).Validate(); err != nil {
		return usagef("--extremes %w", err)
	}
	if o.ofBoxplot() {
		return nil
	}
	if o.extremes != "" {
		return usagef("--extremes is about box plots: control points say themselves which labels are relevant")
	}
	if _, err := relevance.Parse(o.relevance); err != nil {
		return usagef("--relevance: %w", err)
	}
	return nil
}

// relevanceOf returns the relevance that the flags ask for; nil leaves the run's own.
func (o *evalOptions) relevanceOf(r store.Run) (*relevance.Function, error) {
	wanted := o.ownRelevance() || slices.Equal(o.metrics, []string{string(metrics.SERA)})
	if !wanted || r.Manifest.Dataset.Dense() {
		return nil, nil
	}
	if !o.ofBoxplot() {
		f, err := relevance.Parse(o.relevance)
		return &f, err
	}
	labels := r.Manifest.Dataset.TrainLabels
	if labels == nil {
		return nil, fmt.Errorf("%s keeps no box plot of the training labels, as runs of older versions: give control "+
			"points with --relevance",
			filepath.Join(r.Dir, store.ManifestFile))
	}
	f, err := labels.Relevance(relevance.Form(o.relevance), relevance.Extremes(o.extremes))
	if err != nil {
		return nil, fmt.Errorf("%s: relevance: %w", filepath.Join(r.Dir, store.ManifestFile), err)
	}
	return &f, nil
}

// evaluate replaces the results of a finished run, and in memory its rules; other runs stay.
func (o *evalOptions) evaluate(r *store.Run) error {
	if r.Status.State != store.Done {
		return nil
	}
	if err := o.rule(r); err != nil {
		return err
	}
	var err error
	r.Results, err = store.Evaluate(r.Dir, r.Manifest)
	return err
}

// rule replaces the rules of a run in memory by those of the flags.
func (o *evalOptions) rule(r *store.Run) (err error) {
	if !o.ownShots {
		r.Manifest.Dataset.Shots = datasets.ShotRule{Many: o.many, Few: o.few}
	}
	if o.gmZero != "" {
		r.Manifest.GMZero = metrics.ZeroPolicy(o.gmZero)
	}
	r.Manifest.Dataset.Relevance, err = o.relevanceOf(*r)
	return err
}

// writeResults writes the metrics of the finished runs and returns their number.
func writeResults(runs []store.Run) (n int, err error) {
	for _, r := range runs {
		if r.Status.State != store.Done {
			continue
		}
		if err := store.WriteJSON(filepath.Join(r.Dir, store.MetricsFile), r.Results); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// checkBy finds mistakes in the flags of a breakdown.
func (o *evalOptions) checkBy() error {
	switch {
	case o.by != "" && !slices.Contains([]analysis.By{analysis.ByBin, analysis.ByLabel, analysis.ByGenre},
		analysis.By(o.by)):
		return usagef("--by %q: expected bin, label or genre", o.by)
	case o.width < 1:
		return usagef("--width %d: expected at least 1", o.width)
	case o.width > 1 && o.by != string(analysis.ByBin):
		return usagef("--width is about --by bin")
	case o.by != "" && o.tablesOnly():
		return usagef("--by: %s has result tables only; expected --format %s", o.format, reports.SheetFormats())
	case o.by != "" && o.write:
		return usagef("--write writes no breakdown: leave out --by")
	}
	return nil
}

// breakDown prints the metrics by group of samples.
func (o *evalOptions) breakDown(runs []store.Run, damaged []store.DamagedRun, choice reports.Options,
	stdout io.Writer) error {
	for i := range runs {
		if err := o.rule(&runs[i]); err != nil {
			return err
		}
	}
	list, unreadable, err := analysis.Breakdowns(runs, analysis.BreakdownOptions{
		By: analysis.By(o.by), Width: o.width, Split: choice.Split, Metrics: choice.Metrics, Genres: o.genres,
	})
	if err != nil {
		return err
	}
	if damaged = append(damaged, unreadable...); len(list) == 0 && len(damaged) == 0 {
		return fmt.Errorf("%s: no finished run", o.root)
	}
	if err := o.printBreakdowns(stdout, list); err != nil {
		return err
	}
	return unreadableError(damaged)
}

func (o *evalOptions) printBreakdowns(w io.Writer, list []analysis.Breakdown) error {
	var sheets []reports.Sheet
	for _, b := range list {
		sheets = append(sheets, b.Sheets()...)
	}
	return printDocument(w, reports.NewDocument(list, sheets...), o.format)
}

// genres returns the genres of the samples of a run's dataset, which must be the one that the run is about.
func (o *evalOptions) genres(r store.Run) (map[string]string, error) {
	name := r.Manifest.Dataset.Name
	dir := o.data
	if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); err != nil {
		dir = filepath.Join(o.data, name)
	}
	d, err := datasets.Open(dir)
	if err != nil {
		return nil, err
	}
	for split, sum := range r.Manifest.Dataset.Files {
		if found := d.Meta.Splits[datasets.Split(split)].SHA256; found != sum {
			return nil, fmt.Errorf("%s: %s is not that of %s (another SHA-256): name the run's dataset with --data",
				dir, d.Meta.Splits[datasets.Split(split)].File, r.Dir)
		}
	}
	return d.Genres()
}
