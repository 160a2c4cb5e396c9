package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

type importOptions struct {
	plan.ImportOptions
	backend string
	plan    plan.Options
}

func newImportCmd() *cobra.Command {
	o := importOptions{}
	cmd := &cobra.Command{
		Use:   "import FILE.pth|FILE.safetensors",
		Short: "Make a finished run of an official PyTorch checkpoint",
		Long: `Import reads the parameters of an official PyTorch network, predicts the validation and test splits of a
prepared dataset with it, and stores that as a finished run of the suite "imported", which eval and report take like any
other. Files are read as data; nothing in them is executed.

It knows the networks of the official code: the ResNet-50 of the age benchmarks, the NYUD2-DIR network, and BiLSTM and
regressor of STS-B-DIR (whose word vectors come from --embeddings). torchvision's ImageNet ResNet-50, with which
training on NYUD2-DIR begins, needs no import: give it to dirbench run --encoder.

EXIT STATUS
  0    success
  1    the file, the dataset or the backend cannot be used
  2    usage
  130  interrupted`,
		Example: `  dirbench import agedb_resnet50.pth --benchmark agedb-dir --method sqinv+lds+fds
  dirbench import nyud2.pth --benchmark nyud2-dir --method lds --out results`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = args[0]
			return runImport(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.plan.Data)
	addEmbeddingsFlag(cmd, &o.plan.Load)
	flags := cmd.Flags()
	flags.StringVar(&o.Benchmark, "benchmark", "", "benchmark of the network (dirbench list benchmarks)")
	flags.StringVar(&o.Scale, "scale", "full", "scale of the network")
	flags.StringVar(&o.Dataset, "dataset", "", "prepared dataset (default: the benchmark's)")
	flags.StringVar(&o.Method, "method", "vanilla", "method that it was trained with, for the tables")
	flags.Int64Var(&o.Seed, "seed", 0, "seed, for the tables")
	flags.StringVar(&o.backend, "backend", "auto", "backend, as for dirbench run")
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store")
	return cmd
}

func runImport(ctx context.Context, o importOptions, stdout, stderr io.Writer) error {
	if o.Benchmark == "" {
		return usagef("--benchmark is missing: name the benchmark of the network (dirbench list benchmarks)")
	}
	run, err := plan.NewImport(o.ImportOptions, o.plan)
	if err != nil {
		return err
	}
	backend, err := openBackend(o.backend)
	if err != nil {
		return err
	}
	defer backend.Finalize()
	fmt.Fprintf(stderr, "predicting validation and test split with %s on backend %s\n", o.File, backend)
	executor := execute.Executor{Backend: backend}
	outcome, unknown, err := executor.Import(ctx, run, o.File)
	if err != nil {
		return err
	}
	if n := len(unknown); n > 0 {
		fmt.Fprintf(stderr, "dirbench: warning: %s holds %s that the network does not have: %s\n",
			o.File, count(n, "parameter"), strings.Join(unknown[:min(n, 5)], ", "))
	}
	if outcome.Status.State == store.Interrupted {
		return errInterrupted
	}
	if outcome.Status.State != store.Done {
		return fmt.Errorf("%s", outcome.Status.Message)
	}
	if outcome.Skipped {
		fmt.Fprintf(stderr, "%s was imported before\n", o.File)
	}
	_, err = fmt.Fprintln(stdout, run.Dir)
	return err
}
