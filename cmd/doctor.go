package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/preflight"
)

type doctorOptions struct {
	out, data string
	json      bool
	timeout   time.Duration
	// probe is the command that prints what a backend is like, without the backend's name.
	probe []string
}

func newDoctorCmd() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check program, machine, backends, disk and datasets",
		Long: `Print what a report of a fault should contain: the versions of the program, processor, memory and GPUs, which
backends open and how fast they multiply matrices, whether --out can hold a run store, and the datasets in --data.

Each backend is tried in a process of its own, so that one that crashes or hangs does no harm. A line begins with ok,
- (not there and not needed), warning, or problem, and says what to do.

EXIT STATUS
  0  nothing that is needed is broken
  1  no backend works, or --out cannot be written
  2  usage`,
		Example: `  dirbench doctor
  dirbench doctor --out /scratch/results --data /data/dir --json`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			program, err := os.Executable()
			if err != nil {
				return err
			}
			o.probe = []string{program, probeName}
			return runDoctor(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	addDataRootFlag(cmd, &o.data)
	cmd.Flags().StringVar(&o.out, "out", defaultOut, "root of the run store")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().DurationVar(&o.timeout, "timeout", time.Minute, "how long a backend may take")
	return cmd
}

// diagnosis is what doctor found; the probes have the numbers behind the findings.
type diagnosis struct {
	Problems int                 `json:"problems"`
	Warnings int                 `json:"warnings"`
	Findings []preflight.Finding `json:"findings"`
	Backends []preflight.Backend `json:"backends"`
}

func runDoctor(ctx context.Context, o doctorOptions, stdout io.Writer) error {
	d := diagnose(ctx, o)
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.json {
		if err := printJSON(stdout, d); err != nil {
			return err
		}
	} else if err := printFindings(stdout, d.Findings); err != nil {
		return err
	}
	if d.Problems > 0 {
		return fmt.Errorf("%s found", count(d.Problems, "problem"))
	}
	return nil
}

func diagnose(ctx context.Context, o doctorOptions) diagnosis {
	machine, gpus := preflight.Machine(ctx)
	d := diagnosis{Findings: append(preflight.Program(), machine...)}
	for _, name := range preflight.BackendNames() {
		command := append(append([]string{}, o.probe...), name)
		d.Backends = append(d.Backends, preflight.ProbeInChild(ctx, name, o.timeout, command...))
	}
	d.Findings = append(d.Findings, preflight.Backends(d.Backends, gpus)...)
	d.Findings = append(d.Findings, preflight.Out(o.out))
	d.Findings = append(d.Findings, preflight.Data(o.data)...)
	d.Problems = preflight.Count(d.Findings, preflight.Problem)
	d.Warnings = preflight.Count(d.Findings, preflight.Warning)
	return d
}

// probeName is the hidden command that doctor runs for each backend.
const probeName = "doctor-probe"

func newProbeCmd() *cobra.Command {
	return &cobra.Command{
		Use:    probeName + " BACKEND",
		Short:  "Open a backend, try it and print what was found as JSON",
		Hidden: true,
		Args:   arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return printJSON(cmd.OutOrStdout(), preflight.Probe(args[0]))
		},
	}
}
