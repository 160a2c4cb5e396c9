package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
)

// listedDataset is a line of dirbench data list.
type listedDataset struct {
	Name     string                 `json:"name"`
	Title    string                 `json:"title"`
	Modality datasets.Modality      `json:"modality"`
	Twin     bool                   `json:"twin"`
	Dir      string                 `json:"dir"`
	Rows     map[datasets.Split]int `json:"rows"`
}

func newDataListCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the prepared datasets",
		Example: `  dirbench data list
  dirbench data list --data /data/dir --json`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDataList(root, asJSON, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &root)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// runDataList prints the datasets below root; one that cannot be opened is a warning.
func runDataList(root string, asJSON bool, stdout, stderr io.Writer) error {
	names, err := datasetNames(root)
	if err != nil {
		return err
	}
	list := []listedDataset{}
	for _, name := range names {
		d, err := datasets.Open(filepath.Join(root, name))
		if err != nil {
			fmt.Fprintf(stderr, "dirbench: warning: %v\n", err)
			continue
		}
		list = append(list, listed(name, d))
	}
	if asJSON {
		return printJSON(stdout, list)
	}
	if len(list) == 0 {
		fmt.Fprintf(stderr, "no datasets in %s: make one with dirbench data\n", root)
		return nil
	}
	return printList(stdout, list)
}

func listed(name string, d *datasets.Dataset) listedDataset {
	rows := map[datasets.Split]int{}
	for split, part := range d.Meta.Splits {
		rows[split] = part.Rows
	}
	return listedDataset{name, d.Meta.Title, d.Meta.Modality, d.Meta.Twin, d.Dir, rows}
}

func printList(w io.Writer, list []listedDataset) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\ttitle\tkind\tdata\ttrain\tval\ttest")
	for _, d := range list {
		data := "real"
		if d.Twin {
			data = "twin"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, d.Title, d.Modality, data,
			thousands(d.Rows[datasets.Train]), thousands(d.Rows[datasets.Val]), thousands(d.Rows[datasets.Test]))
	}
	return table.Flush()
}
