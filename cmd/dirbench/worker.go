package main

import (
	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner"
)

// workerFaults, where a test sets it, makes workers misbehave.
var workerFaults func(*runner.Run, runner.Observer) runner.Observer

// newWorkerCmd is the command that dirbench run starts for each run.
func newWorkerCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Execute one run for dirbench run",
		Hidden: true,
		Args:   exactArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runner.Work(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), workerFaults)
		},
	}
}
