package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

// dataRootEnv names the folder of prepared datasets.
const dataRootEnv = "DIRBENCH_DATASETS"

func newDataCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Convert, generate and inspect datasets",
		Long: `Convert, generate and inspect prepared datasets: a folder with dataset.yaml and one Parquet file for each of the
train, val and test splits. A dataset is named by its folder or, below the root of datasets, by its name. The root is
--data, else the environment variable ` + dataRootEnv + `, else ./data.`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDataConvertCmd(), newDataSplitCmd(), newDataStatsCmd(), newDataVerifyCmd(), newDataListCmd(), newDataTwinCmd())
	return cmd
}

// noSubcommand makes an unknown name after a command that only groups others a usage error.
func noSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return usagef("unknown command %q: expected one of %s", args[0], strings.Join(names, ", "))
}

// exactArgs is cobra.ExactArgs with the exit code of a usage error.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error { return usage(cobra.ExactArgs(n)(cmd, args)) }
}

// defaultDataRoot is the root of prepared datasets where no flag says otherwise.
func defaultDataRoot() string {
	if root := os.Getenv(dataRootEnv); root != "" {
		return root
	}
	return "data"
}

// addDataRootFlag adds --data.
func addDataRootFlag(cmd *cobra.Command, root *string) {
	cmd.Flags().StringVar(root, "data", defaultDataRoot(), "root of prepared datasets, for names (environment: "+dataRootEnv+")")
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
		return nil, usagef("dataset %q: there is no folder with %s of that name, and %s holds no datasets", arg, datasets.MetaFile, root)
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

// printJSON writes v indented, with a newline at the end.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
