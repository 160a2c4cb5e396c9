package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/reports/analysis"
)

func newAnalyzeZeroShotCmd() *cobra.Command {
	var opts analyzeFlags
	cmd := &cobra.Command{
		Use:   "zero-shot STORE|RUN",
		Short: "Report errors where there are no training labels",
		Long: `Report the errors of stored predictions apart for bins of the label space that hold no training label: those between
bins with some (interpolation), those beyond all bins with some (extrapolation), and, beside them, those with training labels.
Rows are methods, mean ± standard deviation over seeds.

Most datasets have few such bins. dirbench data convert --drop-train makes one in which chosen ranges of labels have no
training data, while validation and test keep theirs.

EXIT STATUS
  0  success
  1  the store is missing, has no finished run, or a run cannot be read: the others are printed all the same
  2  usage`,
		Example: `  dirbench data convert agedb agedb.csv --drop-train 30-40,85- --name agedb-gaps
  dirbench analyze zero-shot results/gaps
  dirbench analyze zero-shot results/gaps --method 'lds*' --json`,
		Args: exactArgs(1),
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
