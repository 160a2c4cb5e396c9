package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

func newDataCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Convert, generate and inspect datasets",
		Long: `Convert, generate and inspect prepared datasets: a folder with dataset.yaml and one Parquet or Arrow file for each
of the train, val and test splits. A dataset is named by its folder or, below the root of datasets, by its name. The root is
--data, else the environment variable ` + dataRootEnv + `, else ./data.`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataConvertCmd(), newDataSplitCmd(), newDataStatsCmd(), newDataVerifyCmd(), newDataListCmd(),
		newDataExportCmd(), newDataResampleCmd(), newDataTwinCmd())
	return cmd
}

// findDataset opens a dataset by its name below root or by its folder.
func findDataset(root, arg string) (*datasets.Dataset, error) {
	places := []string{arg}
	if arg == filepath.Base(arg) {
		places = []string{filepath.Join(root, arg), arg}
	}
	for _, dir := range places {
		if _, err := os.Stat(filepath.Join(dir, datasets.MetaFile)); err == nil {
			return datasets.Open(dir)
		}
	}
	names, err := datasetNames(root)
	if err != nil || len(names) == 0 {
		return nil, usagef("dataset %q: there is no folder with %s of that name, and %s holds no datasets", arg,
			datasets.MetaFile, root)
	}
	return nil, usagef("dataset %q: neither a folder with %s nor one of those in %s: %s",
		arg, datasets.MetaFile, root, strings.Join(names, ", "))
}

// datasetNames lists the folders below root that hold a dataset; a root that does not exist holds none.
func datasetNames(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		_, err := os.Stat(filepath.Join(root, entry.Name(), datasets.MetaFile))
		if err == nil && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// maxProblems is the number of problems that verify prints; --json has all of them.
const maxProblems = 50

func newDataVerifyCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify DIR|NAME",
		Short: "Check a dataset: hashes, columns, labels, ids, images",
		Long: `Check every file and every sample of a dataset: the hash and columns of the files, the numbers of samples,
labels in range, ids used once, and that each image decodes.

EXIT STATUS
  0  nothing is wrong
  1  problems were found; they are on stdout, one a line
  2  usage`,
		Example: `  dirbench data verify sts-b
  dirbench data verify results/tmp/faces --json`,
		Args: arguments(1, 1),
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
