package cmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
	"github.com/dirbench/dirbench/runner/store"
)

func newAnalyzeCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analyze",
		Short: "Look for what explains the errors of finished runs",
		Args:  noSubcommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAnalyzeDensityCmd(), newAnalyzeZeroShotCmd(), newAnalyzeKDECmd())
	cmd.AddCommand(newAnalyzeFeaturesCmd(), newAnalyzeAblateCmd())
	return cmd
}

// analyzeFlags are the flags and arguments of every analysis of stored predictions.
type analyzeFlags struct {
	root   string
	method string
	split  string
	json   bool
}

func (f *analyzeFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.method, "method", "", "only methods that this pattern matches, such as 'lds*' (default: all)")
	cmd.Flags().StringVar(&f.split, "split", string(datasets.Test), "train, val or test")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// check finds flags that are wrong.
func (f *analyzeFlags) check() error {
	return cmp.Or(checkSplit(f.split), checkGlob("--method", f.method))
}

// tables returns the finished runs of the store, of which there must be at least one, and the runs that cannot be read.
func (f *analyzeFlags) tables() ([]analysis.Table, []store.DamagedRun, error) {
	runs, damaged, err := readStore(f.root)
	if err != nil {
		return nil, nil, err
	}
	tables, unreadable, err := analysis.Tables(runs, f.method, datasets.Split(f.split))
	if damaged = append(damaged, unreadable...); err == nil && len(tables) == 0 {
		if err = unreadableError(damaged); err == nil {
			err = fmt.Errorf("%s: no finished run%s", f.root, f.ofMethod())
		}
	}
	return tables, damaged, err
}

func (f *analyzeFlags) ofMethod() string {
	if f.method == "" {
		return ""
	}
	return fmt.Sprintf(" of a method that --method %q matches", f.method)
}

// print writes the sheets, or with --json what they were made of.
func (f *analyzeFlags) print(w io.Writer, results any, sheets []reports.Sheet) error {
	if f.json {
		return printJSON(w, results)
	}
	return printSheets(w, sheets, "")
}

// unreadableError ends an analysis that has printed what can be read; nil if nothing is damaged.
func unreadableError(damaged []store.DamagedRun) error {
	same := !slices.ContainsFunc(damaged, func(d store.DamagedRun) bool { return d.Err.Error() != damaged[0].Err.Error() })
	switch {
	case len(damaged) == 0:
		return nil
	case same:
		return damaged[0].Err
	}
	return fmt.Errorf("%d runs cannot be read, the first: %w", len(damaged), damaged[0].Err)
}

func newAnalyzeZeroShotCmd() *cobra.Command {
	var opts analyzeFlags
	cmd := &cobra.Command{
		Use:   "zero-shot STORE|RUN",
		Short: "Report errors where there are no training labels",
		Long: `Report the errors of stored predictions apart for bins of the label space that hold no training label: those
between bins with some (interpolation), those beyond all bins with some (extrapolation), and, beside them, those with
training labels. Rows are methods, mean ± standard deviation over seeds.

Most datasets have few such bins. dirbench data convert --drop-train makes one in which chosen ranges of labels have no
training data, while validation and test keep theirs.

EXIT STATUS
  0  success
  1  the store is missing, has no finished run, or a run cannot be read: the others are printed all the same
  2  usage`,
		Example: `  dirbench data convert agedb agedb.csv --drop-train 30-40,85- --name agedb-gaps
  dirbench analyze zero-shot results/gaps
  dirbench analyze zero-shot results/gaps --method 'lds*' --json`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.root = args[0]
			return runAnalyzeZeroShot(opts, cmd.OutOrStdout())
		},
	}
	opts.register(cmd)
	return cmd
}

func runAnalyzeZeroShot(opts analyzeFlags, stdout io.Writer) error {
	if err := opts.check(); err != nil {
		return err
	}
	tables, damaged, err := opts.tables()
	if err != nil {
		return err
	}
	all, sheets := []analysis.ZeroShot{}, []reports.Sheet{}
	for _, t := range tables {
		var list []analysis.ZeroShot
		for _, m := range t.Methods {
			list = append(list, analysis.NewZeroShot(m, datasets.Split(opts.split)))
		}
		all, sheets = append(all, list...), append(sheets, analysis.ZeroShotSheet(t, list))
	}
	if err := opts.print(stdout, all, sheets); err != nil {
		return err
	}
	return unreadableError(damaged)
}
