// Package cmd is the command line of dirbench, for programs that add methods of their own: flags in, one call, output
// out. The program dirbench is nothing but a call of [Main].
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/preflight"
)

// Main runs the command line with all methods that are registered by then, and ends the program with the exit code that
// its help lists. It is to be all that a program's main does: runs are trained by the same program started again.
func Main() { os.Exit(run()) }

// run runs the command line and returns the exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt kills
	err := newRootCmd().ExecuteContext(ctx)
	if errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "dirbench: %v\n", err)
	}
	return exitCode(err)
}

func newRootCmd() *cobra.Command {
	var version bool
	cmd := &cobra.Command{
		Use:   "dirbench",
		Short: "Benchmarks for deep imbalanced regression",
		Long: `dirbench trains deep imbalanced regression methods on imbalanced data with continuous labels and reports
MAE, GM and other errors by many-, medium- and few-shot region.

Results go to stdout, progress and logs to stderr.

EXIT STATUS
  0    success
  1    error
  2    usage: an unknown flag, name or field
  3    some runs failed, the others are done
  4    dirbench check failed: a regression, a changed protocol, or runs missing
  130  interrupted`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return printVersion(cmd.OutOrStdout())
			}
			return cmd.Help()
		},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.Flags().BoolVar(&version, "version", false, "print commit, Go and the modules that compute")
	cmd.SetFlagErrorFunc(flagError)
	cmd.AddCommand(newListCmd(), newDataCmd(), newImportCmd(), newScoreCmd(), newPredictCmd(), newExportCmd())
	cmd.AddCommand(newValidateCmd(), newRunCmd(), newLaunchCmd(), newMergeCmd(), newWorkerCmd())
	cmd.AddCommand(newEvalCmd(), newReportCmd(), newAnalyzeCmd(), newCheckCmd(), newConformanceCmd())
	cmd.AddCommand(newDoctorCmd(), newProbeCmd(), newBackendCmd(), newBenchCmd(), newMeasureCmd())
	hideEmpty(cmd)
	cmd.InitDefaultCompletionCmd() // cobra's own, whose errors are to be usage errors too
	if completion, _, err := cmd.Find([]string{"completion"}); err == nil {
		completion.Args = noSubcommand
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range completion.Commands() {
			shell.Args = arguments(0, 0)
		}
	}
	return cmd
}

// printVersion writes a line for the program, for Go and for the modules that compute, as doctor has them.
func printVersion(stdout io.Writer) error {
	for _, finding := range preflight.Program() {
		if _, err := fmt.Fprintf(stdout, "%s: %s\n", finding.Topic, finding.Text); err != nil {
			return err
		}
	}
	return nil
}
