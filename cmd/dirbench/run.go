package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

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
	flags.BoolVar(&o.dryRun, "dry-run", false, "list the runs with hash, epochs, steps and what they lack, and train nothing (twins are generated)")
	flags.BoolVar(&o.json, "json", false, "print the tables, or with --dry-run the list, as JSON")
	flags.StringVar(&o.backend, "backend", "auto", "go, xla:cpu, xla:cuda, xla:PLUGIN.so, or auto: $GOMLX_BACKEND, else the best one installed")
	flags.StringSliceVar(&o.plan.Only, "only", nil, "globs over BENCHMARK/METHOD/seed=N; runs they need as a first stage come along")
	flags.Int64SliceVar(&o.plan.Seeds, "seeds", nil, "seeds in place of the suite's")
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store")
	flags.StringVar(&o.plan.Load.Encoder, "encoder", "", "pretrained ResNet-50 for NYUD2-DIR, .pth or .safetensors")
	flags.StringVar(&o.plan.Load.Embeddings, "embeddings", "", "word vectors in GloVe text format, plain or .gz")
	return cmd
}

const defaultOut = "results"

func runSuite(ctx context.Context, o runOptions, stdout, stderr io.Writer) error {
	o.plan.Preview = o.dryRun
	plan, err := loadPlan(o, stderr)
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
	return backend, selection(err)
}

// selection makes a mistake in what the user selected a usage error.
func selection(err error) error {
	var mistake runner.SelectionError
	if errors.As(err, &mistake) {
		return usage(err)
	}
	return err
}

// printOutcomes prints the failures to stderr and the tables of the wanted runs.
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
