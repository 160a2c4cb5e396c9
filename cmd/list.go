package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/benchmarks"
	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/methods"
	"github.com/dirbench/dirbench/runner/plan"
)

// listRow is one row of dirbench list.
type listRow struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
	*methodDetails
}

// lists are the things that can be listed, in the order in which they are printed.
var lists = []struct {
	name string
	rows func() ([]listRow, error)
}{
	{"suites", listSuites},
	{"benchmarks", listBenchmarks},
	{"methods", listMethods},
}

func newListCmd() *cobra.Command {
	var asJSON, verbose bool
	cmd := &cobra.Command{
		Use:   "list [suites|benchmarks|methods]",
		Short: "List built-in suites, benchmarks and methods",
		Long: `List built-in suites, benchmarks and methods. Methods combine as NAME+NAME+..., in any order.

With --verbose a method's lines say its paper, the published values of its own settings and of the fields of the recipe
that it uses and vanilla does not, on which benchmarks if not on all that can have it, and which cannot and why.`,
		Args:      listArgs,
		ValidArgs: []string{"suites", "benchmarks", "methods"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runList(args, asJSON, verbose, cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "say more of each method")
	return cmd
}

// runList prints all lists, or the named one.
func runList(names []string, asJSON, verbose bool, stdout io.Writer) error {
	all := map[string][]listRow{}
	for _, l := range lists {
		if len(names) > 0 && !slices.Contains(names, l.name) {
			continue
		}
		rows, err := l.rows()
		if err != nil {
			return err
		}
		if l.name == "methods" && verbose {
			if rows, err = describeMethods(rows); err != nil {
				return err
			}
		}
		all[l.name] = rows
	}
	return printLists(stdout, all, asJSON)
}

func printLists(w io.Writer, all map[string][]listRow, asJSON bool) error {
	if asJSON {
		return printJSON(w, all)
	}
	var rows [][]string
	for _, l := range lists {
		for _, row := range all[l.name] {
			rows = append(rows, []string{strings.TrimSuffix(l.name, "s"), row.Name, row.Summary})
			for _, line := range row.lines() {
				rows = append(rows, []string{"", "", "  " + line})
			}
		}
	}
	return printTable(w, rows)
}

func listSuites() ([]listRow, error) {
	var rows []listRow
	for _, name := range configs.Names() {
		content, err := configs.Read(name)
		if err != nil {
			return nil, err
		}
		suite, err := plan.ParseSuite(name, content)
		if err != nil {
			return nil, err
		}
		rows = append(rows, listRow{Name: name, Summary: suite.Summary})
	}
	return rows, nil
}

func listBenchmarks() ([]listRow, error) {
	var rows []listRow
	for _, name := range benchmarks.Names() {
		b, err := benchmarks.Lookup(name)
		if err != nil {
			return nil, err
		}
		dataset := "dataset " + b.Dataset
		if b.General() {
			dataset = "any dataset of modality " + string(b.Modality)
		}
		rows = append(rows, listRow{Name: name,
			Summary: fmt.Sprintf("%s, %s, scales %s", b.Title, dataset, strings.Join(benchmarks.ScaleNames, ", "))})
	}
	return rows, nil
}

func listMethods() ([]listRow, error) {
	var rows []listRow
	for _, m := range methods.All() {
		rows = append(rows, listRow{Name: m.Name, Summary: m.Summary})
	}
	return rows, nil
}

// listArgs accepts nothing or one of the lists.
func listArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && !slices.Contains(cmd.ValidArgs, args[0]) {
		return usagef("list %q: expected %s", args[0], strings.Join(cmd.ValidArgs, ", "))
	}
	return arguments(0, 1)(cmd, args)
}
