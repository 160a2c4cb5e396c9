package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/store"
)

// mergeOptions are the flags and arguments of dirbench merge.
type mergeOptions struct {
	out    string
	stores []string
	json   bool
}

// mergeResult is what dirbench merge prints.
type mergeResult struct {
	Out    string   `json:"out"`
	Copied int      `json:"copied"`
	Kept   int      `json:"kept"` // were there before
	Notes  []string `json:"notes"`
}

func newMergeCmd() *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use:   "merge --out DEST STORE...",
		Short: "Join run stores into one",
		Long: `Merge copies the runs of the stores into DEST, which may hold runs already. A store may also be the folder of
one suite or of one run. The stores stay as they are.

A finished run in DEST is never replaced, and a finished run comes before an unfinished one. Of the same run finished in
two stores the first is taken, with a line if the predictions differ. An unfinished run brings its checkpoints, so that
dirbench run --out DEST goes on with it; one that a process works on is left out, with a line.

Merge refuses to mix configurations: if a method of a benchmark has one configuration in one store and another one, be
it for other seeds, in another store, or if a run is damaged, it prints a line for each and copies nothing. It also
refuses stores inside DEST and a DEST inside a store.

EXIT STATUS
  0  success
  1  mixed configurations, a damaged run, a store that is missing or lies in DEST, or all of them empty
  2  usage`,
		Example: `  dirbench merge --out results host-a/results host-b/results
  dirbench merge --out all shard-* && dirbench report all`,
		Args: arguments(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.stores = args
			return runMerge(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "folder for the runs of all stores")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func runMerge(ctx context.Context, o mergeOptions, stdout, stderr io.Writer) error {
	if o.out == "" {
		return usagef("--out is missing: name the folder that the stores are joined in")
	}
	merge, err := store.PlanMerge(o.out, o.stores)
	if err != nil {
		return err
	}
	for _, line := range merge.Problems {
		fmt.Fprintln(stderr, line)
	}
	if n := len(merge.Problems); n > 0 {
		return fmt.Errorf("nothing was copied: %d damaged runs or mixed configurations; report those stores apart", n)
	}
	copied, late, err := merge.Execute(ctx)
	notes := append(merge.Notes, late...)
	for _, line := range notes {
		fmt.Fprintln(stderr, line)
	}
	if err != nil {
		return fmt.Errorf("after %d of %d runs: %w; the same command goes on", copied, len(merge.Copies), err)
	}
	if o.json {
		return printJSON(stdout, mergeResult{o.out, copied, merge.Kept, notes})
	}
	_, err = fmt.Fprintf(stdout, "%s: %d runs copied, %d there before\n", o.out, copied, merge.Kept)
	return err
}
