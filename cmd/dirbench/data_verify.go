package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

// maxProblems is the number of problems that verify prints; --json has all of them.
const maxProblems = 50

func newDataVerifyCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify DIR|NAME",
		Short: "Check a dataset: hashes, columns, labels, ids, images",
		Long: `Check every file and every sample of a dataset: the hash and columns of the Parquet files, the numbers of samples,
labels in range, ids used once, and that each image decodes.

EXIT STATUS
  0  nothing is wrong
  1  problems were found; they are on stdout, one a line
  2  usage`,
		Example: `  dirbench data verify sts-b
  dirbench data verify results/tmp/faces --json`,
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := findDataset(root, args[0])
			if err != nil {
				return err
			}
			return runDataVerify(cmd.Context(), d, asJSON, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &root)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func runDataVerify(ctx context.Context, d *datasets.Dataset, asJSON bool, stdout, stderr io.Writer) error {
	show, end := newProgress(stderr, "samples")
	before, total := map[datasets.Split]int{}, 0
	for _, split := range datasets.Splits {
		before[split] = total
		total += d.Meta.Splits[split].Rows
	}
	problems, err := d.Verify(ctx, func(split datasets.Split, rows int) { show(before[split]+rows, total) })
	end()
	if err != nil {
		return err
	}
	if err := printProblems(stdout, d, problems, total, asJSON); err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %s found", d.Dir, count(len(problems), "problem"))
	}
	return nil
}

func printProblems(w io.Writer, d *datasets.Dataset, problems []datasets.Problem, total int, asJSON bool) error {
	if asJSON {
		return printJSON(w, struct {
			Name     string             `json:"name"`
			Samples  int                `json:"samples"`
			Problems []datasets.Problem `json:"problems"`
		}{d.Meta.Name, total, append([]datasets.Problem{}, problems...)})
	}
	if len(problems) == 0 {
		fmt.Fprintf(w, "%s: ok, %s\n", d.Dir, count(total, "sample"))
		return nil
	}
	for i, problem := range problems {
		if i == maxProblems {
			fmt.Fprintf(w, "… and %d more: --json prints all\n", len(problems)-i)
			break
		}
		fmt.Fprintln(w, problem)
	}
	return nil
}
