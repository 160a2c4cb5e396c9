package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dirbench/dirbench/runner"
	"github.com/dirbench/dirbench/runner/launch"
)

func newLaunchCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "launch slurm|kubernetes",
		Short: "Write the job that runs a suite on a cluster",
		Long: `Launch writes what a batch system needs to run a suite in several tasks: an array script for Slurm, an Indexed
Job for Kubernetes. Every task calls dirbench run on one run store in a folder that all tasks see, and its exit code is
that of dirbench run.

By default task I of N takes the shard I/N of the suite: the tasks need nothing from each other, and a task that is
started again finds its own runs. Runs that share a first stage stay together, so that with many tasks some have no runs;
they end at once with 0. With --share every task takes whatever run nobody has claimed yet, which balances better where
runs differ in length; it needs a file system on which all tasks see each other's claims.

Further flags of dirbench run follow after --.`,
		Args: noSubcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newLaunchSlurmCmd(), newLaunchKubernetesCmd())
	return cmd
}

// addJobFlags adds the flags of every batch system, except those whose defaults differ.
func addJobFlags(cmd *cobra.Command, job *launch.Job, memory string) {
	flags := cmd.Flags()
	flags.StringVar(&job.Suite, "suite", "", "built-in suite or a YAML file (dirbench list suites)")
	flags.IntVar(&job.Tasks, "tasks", 0, "number of tasks")
	flags.BoolVar(&job.Share, "share", false, "all tasks draw from one queue, in place of a shard for each")
	flags.StringVar(&job.Name, "name", "", "name of the job (default dirbench-SUITE)")
	flags.IntVar(&job.GPUs, "gpus", 1, "GPUs of a task; 0: none")
	flags.IntVar(&job.CPUs, "cpus", 4, "CPUs of a task")
	flags.StringVar(&job.Memory, "memory", memory, "memory of a task")
}

// furtherFlags are the arguments of a launch command: nothing before the --, flags of dirbench run after it.
func furtherFlags(cmd *cobra.Command, args []string) error {
	if dash := cmd.ArgsLenAtDash(); dash > 0 || dash < 0 && len(args) > 0 {
		return usagef("unexpected argument %q: flags of dirbench run follow after --", args[0])
	}
	_, err := parseFurther(args)
	return err
}

// parseFurther reads and checks the flags after --, since else every task would end with the same usage error.
func parseFurther(args []string) (o runOptions, err error) {
	flags := runCmdWith(&o).Flags()
	if err := flags.Parse(args); err != nil {
		return o, usagef("after --: %w", err)
	}
	if flags.NArg() > 0 {
		return o, usagef("after --: unexpected argument %q: expected flags of dirbench run", flags.Arg(0))
	}
	for _, name := range []string{"suite", "out", "data", "shard", "dry-run"} {
		if flags.Changed(name) {
			return o, usagef("after --: --%s: launch gives each task its own", name)
		}
	}
	// What else may be wrong is wrong with this program and not with that of the tasks, which may have other backends.
	var mistake usageError
	if _, err := o.how.limits(); errors.As(err, &mistake) {
		return o, usagef("after --: %w", err)
	}
	return o, nil
}

// checkSuite reads the suite as a task will, and names the job after it if nothing else does. It returns the suites that the suite
// names in place of benchmarks.
func checkSuite(job *launch.Job) (parts []string, err error) {
	if job.Suite == "" {
		return nil, usagef("--suite is missing: name a built-in suite or a YAML file")
	}
	suites, err := loadSuites(job.Suite)
	if err != nil {
		return nil, usage(err)
	}
	further, err := parseFurther(job.Args)
	if err != nil {
		return nil, err
	}
	if err := runner.CheckFiles(suites, further.plan); err != nil {
		return nil, usagef("after --: %w", err)
	}
	suite, err := loadSuite(job.Suite)
	if err != nil {
		return nil, usage(err)
	}
	if job.Name == "" {
		job.Name = "dirbench-" + suite.Name
	}
	return suite.Suites, nil
}

// isSuiteFile reports whether a suite is a file rather than a built-in one.
func isSuiteFile(name string) bool {
	ext := filepath.Ext(name)
	return ext == ".yaml" || ext == ".yml"
}

// dnsName makes a name fit for Kubernetes: "My_suite" becomes "my-suite".
func dnsName(name string) string {
	return strings.Trim(strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name)), "-")
}
