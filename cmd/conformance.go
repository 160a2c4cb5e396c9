package cmd

import (
	"fmt"
	"io"
	"strconv"
	"strings"

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
error. A figure that meets only the wider tolerance granted to it is named behind "ok". Files of an unknown kind are
listed as skipped. The exit status is 1 if a file fails.`,
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
	rows := [][]string{{"FILE", "VALUES", "MAX REL ERROR", "TOLERANCE", "RESULT"}}
	for _, r := range results {
		rows = append(rows, conformanceRow(r))
	}
	return printTable(w, rows)
}

// conformanceRow is a file's line: what was compared, unless nothing could be, and what came of it.
func conformanceRow(r conformance.Result) []string {
	switch {
	case r.Skipped != "":
		return []string{r.File, "", "", "", "skipped: " + r.Skipped}
	case r.Error != "":
		return []string{r.File, "", "", "", "FAIL: " + firstLine(r.Error)}
	}
	outcome := "FAIL: " + r.Where
	if r.Passed() {
		outcome = strings.Join(append([]string{"ok"}, r.Excepted...), "; ")
	}
	return []string{
		r.File, strconv.Itoa(r.Values), fmt.Sprintf("%.1e", r.MaxError), fmt.Sprintf("%.0e", r.Tolerance), outcome,
	}
}
