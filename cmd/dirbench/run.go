package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner"
	"github.com/dirbench/dirbench/runner/store"
)

type runOptions struct {
	suite   string
	dryRun  bool
	json    bool
	backend string
	plan    runner.PlanOptions
}

func newRunCmd() *cobra.Command {
	o := runOptions{}
	cmd := &cobra.Command{
		Use:   "run --suite NAME|FILE.yaml",
		Short: "Train and evaluate every run of a suite, then print its tables",
		Long: `Run trains every benchmark × method × seed of a suite and prints the results as Markdown tables.

A run that is done already is skipped; one whose configuration, data or method changed is a new run in a folder of its
own. A run that fails leaves the others going, and the exit status is 3.`,
		Example: `  dirbench run --suite smoke
  dirbench run --suite smoke --only 'agedb-dir/lds*/*' --seeds 0,1,2
  dirbench run --suite my-suite.yaml --backend xla:cuda --out results`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSuite(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.plan.Data)
	flags := cmd.Flags()
	flags.StringVar(&o.suite, "suite", "", "built-in suite or a YAML file (dirbench list suites)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "list the runs with hash, epochs and steps, and train nothing (twins are generated)")
	flags.BoolVar(&o.json, "json", false, "print the tables, or with --dry-run the list, as JSON")
	flags.StringVar(&o.backend, "backend", "auto", "go, xla:cpu, xla:cuda, xla:PLUGIN.so, or auto: $GOMLX_BACKEND, else the best one installed")
	flags.StringSliceVar(&o.plan.Only, "only", nil, "globs over BENCHMARK/METHOD/seed=N; runs they need as a first stage come along")
	flags.Int64SliceVar(&o.plan.Seeds, "seeds", nil, "seeds in place of the suite's")
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store")
	flags.StringVar(&o.plan.Embeddings, "embeddings", "", "word vectors in GloVe text format, plain or .gz")
	return cmd
}

const defaultOut = "results"

func runSuite(ctx context.Context, o runOptions, stdout, stderr io.Writer) error {
	plan, err := loadPlan(o)
	if err != nil {
		return err
	}
	if o.dryRun {
		return printPlan(stdout, plan, o.json)
	}
	if info, err := os.Stat(o.plan.Out); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s is a file: expected a folder for results", o.plan.Out)
	}
	backend, err := openBackend(o.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	fmt.Fprintf(stderr, "%d runs on backend %s\n", len(plan), backend)
	executor := runner.Executor{Backend: backend, Observer: newRunProgress(stderr)}
	outcomes, err := executor.Execute(ctx, plan)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: finished runs are kept; the same command goes on from here", errInterrupted)
	}
	if err != nil {
		return err
	}
	return printOutcomes(stdout, stderr, outcomes, o.json)
}

// openBackend opens a backend; a name that there is none of is a usage error.
func openBackend(name string) (compute.Backend, error) {
	backend, err := runner.OpenBackend(name)
	var selection runner.SelectionError
	if errors.As(err, &selection) {
		return nil, usage(err)
	}
	return backend, err
}

func loadPlan(o runOptions) ([]*runner.Run, error) {
	if o.suite == "" {
		return nil, usagef("--suite is missing: name a built-in suite or a YAML file")
	}
	content, err := configs.Read(o.suite)
	if err != nil {
		return nil, usage(err)
	}
	suite, err := runner.ParseSuite(o.suite, content)
	if err != nil {
		return nil, usage(err)
	}
	plan, err := runner.Plan(suite, o.plan)
	var selection runner.SelectionError
	if errors.As(err, &selection) {
		return nil, usage(err)
	}
	return plan, err
}

// plannedRun is a line of the dry run.
type plannedRun struct {
	Run        string `json:"run"`
	Hash       string `json:"hash"`
	Epochs     int    `json:"epochs"`
	Steps      int    `json:"steps"`
	FirstStage string `json:"first_stage,omitempty"`
	Dir        string `json:"dir"`
}

func printPlan(w io.Writer, plan []*runner.Run, asJSON bool) error {
	var rows []plannedRun
	for _, run := range plan {
		row := plannedRun{Run: run.Name(), Hash: run.Hash, Epochs: run.Epochs(), Steps: run.Steps(), Dir: run.Dir}
		if run.First != nil {
			row.FirstStage = run.First.Name()
		}
		rows = append(rows, row)
	}
	if asJSON {
		return printJSON(w, rows)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tHASH\tEPOCHS\tSTEPS\tFIRST STAGE")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%.8s\t%d\t%d\t%s\n", row.Run, row.Hash, row.Epochs, row.Steps, row.FirstStage)
	}
	return table.Flush()
}

func printOutcomes(stdout, stderr io.Writer, outcomes []runner.Outcome, asJSON bool) error {
	failed := 0
	var dirs []string
	for _, o := range outcomes {
		if o.Run.Wanted && !o.Unreadable {
			dirs = append(dirs, o.Run.Dir)
		}
		if o.Status.State != store.Done {
			failed++
			fmt.Fprintf(stderr, "failed: %s (%s): %s\n", o.Run.Name(), o.Status.Class, o.Status.Message)
		}
	}
	if err := printTables(stdout, dirs, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d", errRunsFailed, failed, len(outcomes))
	}
	return nil
}

// printTables prints the tables of the given runs and no others, so that runs of an earlier configuration in the same
// store do not mix in.
func printTables(w io.Writer, dirs []string, asJSON bool) error {
	var runs []store.Run
	for _, dir := range dirs {
		run, err := store.Load(dir)
		if err != nil {
			return err
		}
		runs = append(runs, run)
	}
	tables, err := reports.Build(runs, reports.Options{})
	if err != nil {
		return err
	}
	if asJSON {
		return reports.JSON(w, tables)
	}
	return reports.Markdown(w, tables)
}
