package cmd

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/datasets"
	"github.com/dirbench/dirbench/datasets/uci"
)

// listedDataset is a dataset in the output of dirbench data list: a prepared one, or a table that is in the program.
type listedDataset struct {
	Name        string                 `json:"name"`
	Title       string                 `json:"title"`
	Modality    datasets.Modality      `json:"modality,omitempty"`
	Twin        bool                   `json:"twin"`
	Embedded    bool                   `json:"embedded"`
	Dir         string                 `json:"dir,omitempty"`
	Rows        map[datasets.Split]int `json:"rows,omitempty"` // of a prepared one
	Samples     int                    `json:"samples"`        // all rows
	Columns     int                    `json:"columns,omitempty"`
	Label       string                 `json:"label"`
	Licence     string                 `json:"licence"`
	Attribution string                 `json:"attribution"`
}

func newDataListCmd() *cobra.Command {
	var root string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the prepared datasets, and the tables that are in the program",
		Long: `List the prepared datasets, and the real tables that are in the program itself: numeric sets of the UCI Machine
Learning Repository under CC BY 4.0, which need no download. dirbench data export writes one.`,
		Example: `  dirbench data list
  dirbench data list --data /data/dir --json`,
		Args: arguments(0, 0),
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
	var prepared, embedded []listedDataset
	for _, name := range names {
		d, err := datasets.Open(filepath.Join(root, name))
		if err != nil {
			fmt.Fprintf(stderr, "dirbench: warning: %v\n", err)
			continue
		}
		prepared = append(prepared, listed(name, d))
	}
	for _, s := range uci.Sets() {
		embedded = append(embedded, listedDataset{Name: s.Name, Title: s.Title, Embedded: true, Samples: s.Rows,
			Columns: s.Columns, Label: s.Label, Licence: uci.Licence, Attribution: s.Source()})
	}
	if asJSON {
		return printJSON(stdout, append(prepared, embedded...))
	}
	if len(prepared) == 0 {
		fmt.Fprintf(stderr, "no datasets in %s: make one with dirbench data\n", root)
	} else if err := printList(stdout, prepared); err != nil {
		return err
	}
	return printEmbedded(stdout, len(prepared) > 0, embedded)
}

func listed(name string, d *datasets.Dataset) listedDataset {
	m := d.Meta
	l := listedDataset{Name: name, Title: m.Title, Modality: m.Modality, Twin: m.Twin, Dir: d.Dir,
		Rows: map[datasets.Split]int{}, Label: m.LabelSpace.Unit, Licence: m.Licence, Attribution: m.Source}
	for split, part := range m.Splits {
		l.Rows[split] = part.Rows
		l.Samples += part.Rows
	}
	return l
}

func printList(w io.Writer, list []listedDataset) error {
	rows := [][]string{{"name", "title", "kind", "data", "train", "val", "test", "label", "licence"}}
	for _, d := range list {
		data := "real"
		if d.Twin {
			data = "twin"
		}
		rows = append(rows, []string{
			d.Name, d.Title, string(d.Modality), data,
			thousands(d.Rows[datasets.Train]), thousands(d.Rows[datasets.Val]), thousands(d.Rows[datasets.Test]), d.Label,
			d.Licence,
		})
	}
	return printTable(w, rows)
}

// printEmbedded prints the tables that are in the program, below those of the root if there are some.
func printEmbedded(w io.Writer, below bool, list []listedDataset) error {
	gap := ""
	if below {
		gap = "\n"
	}
	if _, err := fmt.Fprintf(w, "%sIn the program (%s): dirbench data export NAME\n", gap, uci.Licence); err != nil {
		return err
	}
	rows := [][]string{{"name", "rows", "columns", "label", "from"}}
	for _, d := range list {
		rows = append(rows, []string{d.Name, thousands(d.Samples), fmt.Sprint(d.Columns), d.Label, d.Attribution})
	}
	return printTable(w, rows)
}

func newDataExportCmd() *cobra.Command {
	var out string
	var force bool
	cmd := &cobra.Command{
		Use:   "export NAME",
		Short: "Write a table that is in the program as CSV",
		Long: `Write one of the real tables that are in the program, which dirbench data list names, as CSV. Its donors and
licence go to stderr.

EXIT STATUS
  0  the table is written
  1  error: --out exists or cannot be written
  2  usage, or no table of that name`,
		Example: `  dirbench data export real-estate --out prices.csv
  dirbench data export abalone | head`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDataExport(args[0], out, force, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "", "file to write (default: stdout)")
	flags.BoolVar(&force, "force", false, "replace the file --out")
	return cmd
}

func runDataExport(name, out string, force bool, stdout, stderr io.Writer) error {
	set, err := uci.Find(name)
	if err != nil {
		return usage(err)
	}
	text, err := set.CSV()
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s; %s\n", set.Source(), uci.Licence)
	return printOrSave(stdout, text, out, force)
}
