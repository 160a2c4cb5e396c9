package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/conformance"
)

func newConformanceCmd() *cobra.Command {
	var backend string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "conformance DIR",
		Short: "Compare this implementation with stored outputs of the official code",
		Long: `Conformance checks every vector file (*.json) of a folder and prints one row per file with the largest relative
error. A figure that meets only the wider tolerance granted to it is named behind "ok". Files of an unknown kind are listed as
skipped. The exit status is 1 if a file fails.`,
		Example: "  dirbench conformance vectors --backend go",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runConformance(args[0], backend, asJSON, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&backend, "backend", "auto", "backend, as for dirbench run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func runConformance(dir, backend string, asJSON bool, stdout io.Writer) error {
	b, err := openBackend(backend)
	if err != nil {
		return err
	}
	defer b.Finalize()
	results, err := conformance.Run(dir, b)
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range results {
		if !r.Passed() && r.Skipped == "" {
			failed++
		}
	}
	if err := printConformance(stdout, results, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files fail", failed, len(results))
	}
	return nil
}

func printConformance(w io.Writer, results []conformance.Result, asJSON bool) error {
	if asJSON {
		return printJSON(w, results)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FILE\tVALUES\tMAX REL ERROR\tTOLERANCE\tRESULT")
	for _, r := range results {
		switch {
		case r.Skipped != "":
			fmt.Fprintf(table, "%s\t\t\t\tskipped: %s\n", r.File, r.Skipped)
		case r.Error != "":
			fmt.Fprintf(table, "%s\t\t\t\tFAIL: %s\n", r.File, firstLine(r.Error))
		case r.Passed():
			found := strings.Join(append([]string{"ok"}, r.Excepted...), "; ")
			fmt.Fprintf(table, "%s\t%d\t%.1e\t%.0e\t%s\n", r.File, r.Values, r.MaxError, r.Tolerance, found)
		default:
			fmt.Fprintf(table, "%s\t%d\t%.1e\t%.0e\tFAIL: %s\n", r.File, r.Values, r.MaxError, r.Tolerance, r.Where)
		}
	}
	return table.Flush()
}
