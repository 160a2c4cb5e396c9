package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
	"github.com/dirbench/dirbench/datasets/table"
)

type splitOptions struct {
	convert.SplitOptions
	binning  datasets.Binning
	protocol string
	peaks    []float64
	decay    float64
	gap      datasets.LabelRanges
	labels   datasets.LabelRanges // that a protocol uses
	out      string
	force    bool
}

func newDataSplitCmd() *cobra.Command {
	var opts splitOptions
	cmd := &cobra.Command{
		Use:   "split FILE",
		Short: "Divide a labelled table into train and balanced val and test",
		Long: `Divide the rows of a .csv, .tsv, .jsonl, .parquet or .arrow file of numbers and text by the balanced rule of
the official benchmarks: the rows of each label bin are shuffled, the first n = min(floor(N/3), cap) of its N go to val,
the next n to test, the rest to train. The table is printed as CSV, or written in the format of --out, with a column
split added, or with that column replaced if there is one; numbers of rows go to stderr. Tables with images or lists are
divided while they are converted: dirbench data convert columns --cap.

The shuffle is seeded, but it is not that of the official Python code: take an official split from the official files.

With --protocol, rows are drawn as in the stress tests of the review of 2026 (Pütz et al., Artificial Intelligence
Review):

  extrapolation  training labels are dense around 50, by exp(-0.01 (label-50)^2); test is uniform over all labels
  interpolation  they are dense around 25 and 80
  blind-spot     they are as they are between 20 and 73, but none lies between 47 and 53

Of N rows, those of a bin with weight w, out of a sum W over the bins, are drawn min(floor(4 N w/W), rows in the bin) times, with
replacement. Test is drawn from the rows that were not, --cap of each bin, with replacement: a bin with fewer has none, but for
blind-spot. A tenth of the drawn rows go to val, whose rows are in no other split. With interpolation and blind-spot, training
labels lie within those of test. A row stands in the table as often as it was drawn; dirbench data convert takes such a list.
--peaks, --decay, --gap and --labels are for labels that are not ages.

EXIT STATUS
  0  the table is written
  1  error: the table is malformed, bins hold too few rows, --out exists
  2  usage`,
		Example: `  dirbench data split faces.csv --label age --cap 30 > faces-split.csv
  dirbench data split scores.csv --label score --cap 50 --bin-width 0.25 --seed 1 --out scores-split.csv
  dirbench data split houses.parquet --label price --bin-width 10000 --out houses-split.parquet
  dirbench data split agedb.csv --label age --protocol extrapolation > agedb-extrapolation.csv
  dirbench data split scores.csv --label score --bin-width 0.25 --cap 20 --protocol blind-spot --gap 2-3 --labels 0.5-4.5`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := completeSplitOptions(cmd.Flags(), &opts); err != nil {
				return err
			}
			return runDataSplit(cmd, args[0], opts)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Label, "label", "", "column of the label (required)")
	flags.IntVar(&opts.Cap, "cap", balancedCap,
		"most rows of a label bin in val, and in test (default with --protocol: 50, in test)")
	flags.Float64Var(&opts.Width, "bin-width", 1, "width of a label bin")
	registerBins(flags, &opts.binning)
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of the shuffle")
	flags.StringVar(&opts.protocol, "protocol", "", "draw the rows of a stress test: "+
		strings.Join(convert.Protocols, ", "))
	flags.Float64SliceVar(&opts.peaks, "peaks", nil,
		"of a protocol: labels around which training is dense, as `A,B` (default: the review's)")
	flags.Float64Var(&opts.decay, "decay", 0.01, "of a protocol: d in exp(-d (label-peak)^2)")
	flags.Var(&opts.gap, "gap", "of a protocol: labels without training rows, such as 47-53 (default: the review's)")
	flags.Var(&opts.labels, "labels", "of a protocol: labels that are used at all, such as 20-73 (default: the review's)")
	flags.StringVar(&opts.out, "out", "", "file to write: .csv, .tsv, .parquet or .arrow (default: CSV to stdout)")
	flags.BoolVar(&opts.force, "force", false, "replace the file --out")
	return cmd
}

// The review draws 50 test rows of a bin; the official lists have 30 to 50.
const (
	balancedCap = 30
	protocolCap = 50
)

func completeSplitOptions(flags *pflag.FlagSet, opts *splitOptions) error {
	switch {
	case opts.Label == "":
		return usagef("--label is missing: name the column of the label")
	case opts.Cap < 1:
		return usagef("--cap %d: expected at least 1", opts.Cap)
	case !(opts.Width > 0):
		return usagef("--bin-width %g: expected a positive number", opts.Width)
	case opts.out != "" && !slices.Contains(table.WriteFormats, table.Format(opts.out)):
		return usagef("--out %s: expected a name that ends in one of %s", opts.out, strings.Join(table.WriteFormats, ", "))
	}
	if flags.Changed("bins") || flags.Changed("edges") || flags.Changed("quantile-bins") {
		if flags.Changed("bin-width") || opts.protocol != "" {
			return usagef("--bins, --edges and --quantile-bins: expected no --bin-width and no --protocol beside them")
		}
		opts.Binning = &opts.binning
	}
	if err := opts.binning.Validate(); err != nil {
		return usagef("--%w", err)
	}
	if opts.protocol != "" {
		return completeProtocol(flags, opts)
	}
	for _, name := range []string{"peaks", "decay", "gap", "labels"} {
		if flags.Changed(name) {
			return usagef("--%s is of a protocol: name it with --protocol", name)
		}
	}
	return nil
}

// completeProtocol sets the protocol: the review's, with what the flags change.
func completeProtocol(flags *pflag.FlagSet, opts *splitOptions) error {
	p, err := convert.NewProtocol(opts.protocol)
	if err != nil {
		return usagef("--%w", err)
	}
	if !flags.Changed("cap") {
		opts.Cap = protocolCap
	}
	if flags.Changed("peaks") {
		p.Peaks, p.Decay = opts.peaks, opts.decay
	}
	if flags.Changed("decay") {
		p.Decay = opts.decay
	}
	if flags.Changed("gap") {
		p.Gap = opts.gap
	}
	if flags.Changed("labels") {
		p.Range = opts.labels
	}
	if err := p.Validate(); err != nil {
		return usagef("--%w", err)
	}
	opts.Protocol = &p
	return nil
}

func runDataSplit(cmd *cobra.Command, path string, opts splitOptions) error {
	rows, counts, err := convert.SplitTable(path, opts.SplitOptions)
	if err != nil {
		return err
	}
	if err := printRows(cmd.OutOrStdout(), rows, opts.out, opts.force); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s train, %s val, %s test\n",
		thousands(counts[datasets.Train]), thousands(counts[datasets.Val]), thousands(counts[datasets.Test]))
	return nil
}
