package cmd

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

	"github.com/dirbench/dirbench/configs"
	"github.com/dirbench/dirbench/runner/launch"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
)

func newLaunchCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "launch slurm|kubernetes",
		Short: "Write the job that runs a suite on a cluster",
		Long: `Launch writes what a batch system needs to run a suite in several tasks: an array script for Slurm, an Indexed
Job for Kubernetes. Every task calls dirbench run on one run store in a folder that all tasks see, and its exit code is
that of dirbench run.

By default task I of N takes the shard I/N of the suite: the tasks need nothing from each other, and a task that is
started again finds its own runs. Runs that share a first stage stay together, so that with many tasks some have no
runs; they end at once with 0. With --share every task takes whatever run nobody has claimed yet, which balances better
where runs differ in length; it needs a file system on which all tasks see each other's claims.

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
	addSuiteFlag(cmd, &job.Suite)
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
	run := runCmdWith(&o)
	(&cobra.Command{Use: "dirbench"}).AddCommand(run) // messages name it
	flags := run.Flags()
	if err := flags.Parse(args); err != nil {
		return o, usagef("after --: %w", flagError(run, err))
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
	if _, err := o.how.limits(); isUsage(err) {
		return o, usagef("after --: %w", err)
	}
	return o, nil
}

// checkSuite reads the suite as a task will, and names the job after it if nothing else does. It returns the suites
// that the suite names in place of benchmarks.
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
	if err := plan.CheckFiles(suites, further.plan); err != nil {
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

Two minutes before its time limit a task is interrupted: its runs write a checkpoint and it ends with 130. The same
script submitted again goes on from there. After a preemption or the failure of a node Slurm starts the task again by
itself.

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
		if err := store.WriteFile(o.script, func(w io.Writer) error {
			_, err := io.WriteString(w, script)
			return err
		}); err != nil {
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
		return errors.New("sbatch is not on this machine: write the script with --script and submit it from one of " +
			"the cluster's")
	}
	if err != nil {
		return fmt.Errorf("sbatch: %w", err)
	}
	id, _, _ := strings.Cut(strings.TrimSpace(string(answer)), ";") // "ID" or "ID;CLUSTER"
	_, err = fmt.Fprintln(stdout, id)
	return err
}

func newLaunchKubernetesCmd() *cobra.Command {
	var k launch.Kubernetes
	cmd := &cobra.Command{
		Use:   "kubernetes --suite NAME|FILE.yaml --tasks N --image IMAGE --claim PVC [-- FLAGS OF RUN]",
		Short: "Write an Indexed Job and the ConfigMap with its suite",
		Long: `Kubernetes prints a manifest for kubectl apply: a ConfigMap that holds the suite, and a Job with one index for
each task. The volume of the claim holds results and data and is the working directory, so that further flags name files
in it; its access mode must let all nodes of the tasks write.

A pod that is evicted or whose node is lost is replaced and goes on from its checkpoints. A task that ends with 2
(usage) or 3 (some runs failed) fails at once, any other one after three attempts; the other tasks go on. The manifest
needs Kubernetes 1.29 or later.

EXIT STATUS
  0  success
  1  error
  2  usage`,
		Example: `  dirbench launch kubernetes --suite paper-agedb --tasks 8 --image registry/dirbench:1 --claim dirbench | kubectl apply -f -
  dirbench launch kubernetes --suite mine.yaml --tasks 4 --image registry/dirbench:1 --claim dirbench -- --embeddings glove.txt`,
		Args: furtherFlags,
		RunE: func(cmd *cobra.Command, args []string) error {
			k.Args = args
			return launchKubernetes(k, cmd.OutOrStdout())
		},
	}
	addJobFlags(cmd, &k.Job, "16Gi")
	flags := cmd.Flags()
	flags.StringVar(&k.Out, "out", defaultOut, "root of the run store, inside the volume")
	flags.StringVar(&k.Data, "data", "data", "root of prepared datasets, inside the volume")
	flags.StringVar(&k.Image, "image", "", "image that holds dirbench")
	flags.StringVar(&k.Claim, "claim", "", "PersistentVolumeClaim for results and data")
	flags.StringVar(&k.Namespace, "namespace", "", "namespace (default: that of whoever applies the manifest)")
	flags.StringVar(&k.Binary, "binary", "dirbench", "the program in the image")
	return cmd
}

func launchKubernetes(k launch.Kubernetes, stdout io.Writer) error {
	named := k.Name != ""
	parts, err := checkSuite(&k.Job)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if isSuiteFile(part) {
			return usagef("--suite %s names the file %s, which the pods lack: launch that suite by itself", k.Suite, part)
		}
	}
	if !named {
		k.Name = dnsName(k.Name)
	}
	if k.Content, err = configs.Read(k.Suite); err != nil {
		return usage(err)
	}
	manifest, err := k.Manifest()
	if err != nil {
		return usage(err)
	}
	_, err = stdout.Write(manifest)
	return err
}
