package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gomlx/compute"
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner"
	"github.com/dirbench/dirbench/runner/store"
)

type runOptions struct {
	suite  string
	dryRun bool
	json   bool
	shard  string
	plan   runner.PlanOptions
	how    executeOptions
}

func newRunCmd() *cobra.Command { return runCmdWith(&runOptions{}) }

// runCmdWith makes the command with its flags in o.
func runCmdWith(o *runOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run --suite NAME|FILE.yaml",
		Short: "Train and evaluate every run of a suite, then print its tables",
		Long: `Run trains every benchmark × method × seed of a suite and prints the results as tables, as dirbench report
does.

Each run is a worker process: one that fails, panics, hangs or runs out of memory leaves the others going, and the exit
status is 3. A run that is done already is skipped; one that was cut off goes on from its last checkpoint and ends as if
nothing had happened; one whose configuration, data or method changed is a new run in a folder of its own. Runs that
failed for good (training diverged, the program panicked) are kept as failed unless --retry-failed is given.

An interrupt (Ctrl-C, SIGTERM) lets the workers save a checkpoint and stop; a second one kills them. Any number of
processes, on any machines, may work on one store on a shared file system: each run is claimed by one of them. With
--shard I/N they need not know of each other.

EXIT STATUS
  0    every run is done
  1    error
  2    usage
  3    some runs failed, the others are done
  130  interrupted; the same command goes on`,
		Example: `  dirbench run --suite smoke
  dirbench run --suite smoke --only 'agedb-dir/lds*/*' --seeds 0,1,2
  dirbench run --suite my-suite.yaml --backend xla:cuda --timeout 12h --out results
  dirbench run --suite paper --shard 0/8`,
		Args: exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSuite(cmd.Context(), *o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.plan.Data)
	flags := cmd.Flags()
	flags.StringVar(&o.suite, "suite", "", "built-in suite or a YAML file (dirbench list suites)")
	flags.BoolVar(&o.dryRun, "dry-run", false, "list the runs with hash, epochs, steps and what they lack, and train nothing (twins are generated)")
	flags.BoolVar(&o.json, "json", false, "print the tables, or with --dry-run the list, as JSON")
	flags.StringSliceVar(&o.plan.Only, "only", nil, "globs over BENCHMARK/METHOD/seed=N or its first parts (agedb-dir, '*/lds'); runs they need as a first stage come along")
	flags.Int64SliceVar(&o.plan.Seeds, "seeds", nil, "seeds in place of the suite's")
	flags.StringVar(&o.shard, "shard", "", "I/N, I from 0: only the Ith of N parts of the suite; runs that share a first stage stay together")
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store")
	flags.StringVar(&o.plan.Load.Encoder, "encoder", "", "pretrained ResNet-50 for NYUD2-DIR, .pth or .safetensors")
	flags.StringVar(&o.plan.Load.Embeddings, "embeddings", "", "word vectors in GloVe text format, plain or .gz")
	o.how.register(flags)
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
	if len(plan) == 0 {
		fmt.Fprintf(stderr, "no runs in shard %s\n", o.shard)
		return nil
	}
	processes, jobs, err := o.how.processes(ctx, len(plan))
	if err != nil {
		return err
	}
	if err := runner.CheckPrecision(plan, processes.Backend); err != nil {
		return selection(err)
	}
	if err := checkStore(o.plan.Out); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s, %d at a time, on backend %s\n", count(len(plan), "run"), jobs, processes.Backend)
	scheduler := runner.Scheduler{Launcher: processes, Observer: newRunProgress(stderr, plan), Jobs: jobs, RetryFailed: o.how.retryFailed}
	outcomes, err := scheduler.Execute(ctx, plan)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: checkpoints and finished runs are kept; the same command goes on from here", errInterrupted)
	}
	if err != nil {
		return err
	}
	return printOutcomes(stdout, outcomes, o.json)
}

// checkStore finds out before any run whether results can be written.
func checkStore(out string) error {
	if info, err := os.Stat(out); err == nil && !info.IsDir() {
		return fmt.Errorf("--out %s is a file: expected a folder for results", out)
	}
	err := os.MkdirAll(out, 0o777)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(out, ".writable-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("--out %s cannot be written: %w (dirbench report prints what is there)", out, err)
	}
	return nil
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

// printOutcomes prints the report of the plan.
func printOutcomes(stdout io.Writer, outcomes []runner.Outcome, asJSON bool) error {
	failed := 0
	for _, o := range outcomes {
		if o.Status.State != store.Done {
			failed++
		}
	}
	report, err := planReport(outcomes)
	if err != nil {
		return err
	}
	format := ""
	if asJSON {
		format = formatJSON
	}
	if err := printReport(stdout, report, format); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d", errRunsFailed, failed, len(outcomes))
	}
	return nil
}
