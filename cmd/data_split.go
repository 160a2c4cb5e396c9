package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/convert"
)

type splitOptions struct {
	convert.SplitOptions
	out   string
	force bool
}

func newDataSplitCmd() *cobra.Command {
	var opts splitOptions
	cmd := &cobra.Command{
		Use:   "split CSV",
		Short: "Divide a labelled table into train and balanced val and test",
		Long: `Divide the rows of a CSV file with a header by the balanced rule of the official benchmarks: the rows of each label bin
are shuffled, the first n = min(floor(N/3), cap) of its N go to val, the next n to test, the rest to train. The table is
printed with a column split added, or with that column replaced if there is one; numbers of rows go to stderr.

The shuffle is seeded, but it is not that of the official Python code: take an official split from the official files.

EXIT STATUS
  0  the table is written
  1  error: the table is malformed, bins hold too few rows, --out exists
  2  usage`,
		Example: `  dirbench data split faces.csv --label age --cap 30 > faces-split.csv
  dirbench data split scores.csv --label score --cap 50 --bin-width 0.25 --seed 1 --out scores-split.csv`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error { return runDataSplit(cmd, args[0], opts) },
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Label, "label", "", "column of the label (required)")
	flags.IntVar(&opts.Cap, "cap", 30, "most rows of a label bin in val, and in test")
	flags.Float64Var(&opts.Width, "bin-width", 1, "width of a label bin")
	flags.Uint64Var(&opts.Seed, "seed", 0, "seed of the shuffle")
	flags.StringVar(&opts.out, "out", "", "file to write (default: stdout)")
	flags.BoolVar(&opts.force, "force", false, "replace the file --out")
	return cmd
}

func runDataSplit(cmd *cobra.Command, path string, opts splitOptions) error {
	switch {
	case opts.Label == "":
		return usagef("--label is missing: name the column of the label")
	case opts.Cap < 1:
		return usagef("--cap %d: expected at least 1", opts.Cap)
	case !(opts.Width > 0):
		return usagef("--bin-width %g: expected a positive number", opts.Width)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	var table bytes.Buffer
	counts, err := convert.SplitCSV(&table, path, file, opts.SplitOptions)
	if err != nil {
		return err
	}
	if err := writeSplit(cmd, table.Bytes(), opts); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s train, %s val, %s test\n",
		thousands(counts[datasets.Train]), thousands(counts[datasets.Val]), thousands(counts[datasets.Test]))
	return nil
}

// writeSplit prints the table or writes it to a file, which appears complete or not at all.
func writeSplit(cmd *cobra.Command, table []byte, opts splitOptions) error {
	if opts.out == "" {
		_, err := cmd.OutOrStdout().Write(table)
		return err
	}
	if _, err := os.Stat(opts.out); !errors.Is(err, fs.ErrNotExist) && !opts.force {
		return fmt.Errorf("%s: the file is already there: replace it with --force", opts.out)
	}
	return convert.WriteFile(opts.out, table)
}
