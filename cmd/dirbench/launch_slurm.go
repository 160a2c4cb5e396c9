package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner/launch"
	"github.com/dirbench/dirbench/runner/store"
)

// launchSlurmOptions are the flags of dirbench launch slurm.
type launchSlurmOptions struct {
	launch.Slurm
	script string
	submit bool
}

func newLaunchSlurmCmd() *cobra.Command {
	var o launchSlurmOptions
	cmd := &cobra.Command{
		Use:   "slurm --suite NAME|FILE.yaml --tasks N [-- FLAGS OF RUN]",
		Short: "Write, and submit, an sbatch array script",
		Long: `Slurm writes an sbatch script with an array of N tasks to stdout or to a file, and with --submit gives it to
sbatch and prints the number of the job. Paths become absolute, and the logs go to OUT/logs, which is made.

Two minutes before its time limit a task is interrupted: its runs write a checkpoint and it ends with 130. The same script
submitted again goes on from there. After a preemption or the failure of a node Slurm starts the task again by itself.

EXIT STATUS
  0  the script is written, or the job submitted
  1  a file cannot be written, or sbatch refuses the job
  2  usage`,
		Example: `  dirbench launch slurm --suite paper-agedb --tasks 8 --partition gpu --submit
  dirbench launch slurm --suite mine.yaml --tasks 4 --time 2-00:00:00 --script mine.sh -- --backend xla:cuda`,
		Args: furtherFlags,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Args = args
			return launchSlurm(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addJobFlags(cmd, &o.Job, "16G")
	addDataRootFlag(cmd, &o.Data)
	flags := cmd.Flags()
	flags.StringVar(&o.Out, "out", defaultOut, "root of the run store")
	flags.StringVar(&o.Partition, "partition", "", "partition (default: the cluster's)")
	flags.StringVar(&o.Account, "account", "", "account (default: your own)")
	flags.StringVar(&o.Time, "time", "24:00:00", "time limit of a task")
	flags.StringVar(&o.Binary, "binary", "", "the dirbench that the tasks run (default: this one)")
	flags.StringVar(&o.script, "script", "", "write the script to this file instead of stdout")
	flags.BoolVar(&o.submit, "submit", false, "submit the script and print the number of the job")
	return cmd
}

func launchSlurm(ctx context.Context, o launchSlurmOptions, stdout, stderr io.Writer) error {
	if _, err := checkSuite(&o.Job); err != nil {
		return err
	}
	if err := o.resolve(); err != nil {
		return err
	}
	script, err := o.Script()
	if err != nil {
		return usage(err)
	}
	if err := os.MkdirAll(o.LogDir(), 0o777); err != nil {
		return fmt.Errorf("folder of the logs: %w", err)
	}
	if o.script != "" {
		if err := store.WriteFile(o.script, func(w io.Writer) error { _, err := io.WriteString(w, script); return err }); err != nil {
			return err
		}
	}
	if o.submit {
		return submit(ctx, script, stdout, stderr)
	}
	if o.script == "" {
		_, err = io.WriteString(stdout, script)
	}
	return err
}

// resolve makes the paths absolute, since a task may start elsewhere.
func (o *launchSlurmOptions) resolve() (err error) {
	if o.Dir, err = os.Getwd(); err != nil {
		return err
	}
	if o.Binary == "" {
		if o.Binary, err = ownBinary(); err != nil {
			return err
		}
	}
	paths := []*string{&o.Out, &o.Data, &o.Binary}
	if isSuiteFile(o.Suite) {
		paths = append(paths, &o.Suite)
	}
	for _, path := range paths {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// ownBinary returns the path of this program, unless it is one that go run removes again.
func ownBinary() (string, error) {
	path, err := os.Executable()
	if err == nil && strings.Contains(filepath.ToSlash(path), "/go-build") {
		return "", usagef("this dirbench is a temporary one of go run: build it and call that, or name one with --binary")
	}
	return path, err
}

// submit gives the script to sbatch and prints the number of the job.
func submit(ctx context.Context, script string, stdout, stderr io.Writer) error {
	sbatch := exec.CommandContext(ctx, "sbatch", "--parsable")
	sbatch.Stdin, sbatch.Stderr = strings.NewReader(script), stderr
	answer, err := sbatch.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("sbatch is not on this machine: write the script with --script and submit it from one of the cluster's")
	}
	if err != nil {
		return fmt.Errorf("sbatch: %w", err)
	}
	id, _, _ := strings.Cut(strings.TrimSpace(string(answer)), ";") // "ID" or "ID;CLUSTER"
	_, err = fmt.Fprintln(stdout, id)
	return err
}
