package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/gomlx/compute"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/reports"
	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/execute"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

type runOptions struct {
	suite   string
	dataset string // in place of the suite's
	dryRun  bool
	json    bool
	shard   string
	plan    plan.Options
	how     executeOptions
}

func newRunCmd() *cobra.Command { return runCmdWith(&runOptions{}) }

// runCmdWith makes the command with its flags in o.
func runCmdWith(o *runOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run --suite NAME|FILE.yaml",
		Short: "Train and evaluate every run of a suite, then print its tables",
		Long: `Run trains every benchmark × method × seed of a suite and prints the results as tables, as dirbench report
does.

Runs are executed by worker processes, one run at a time in each; on backend go small runs take turns in one. A run that
fails, panics, hangs or runs out of memory leaves the others going, and the exit status is 3. A run that is done already
is skipped; one that was cut off goes on from its last checkpoint and ends as if nothing had happened; one whose
configuration, data or method changed is a new run in a folder of its own. Runs that failed for good (training diverged,
the program panicked) are kept as failed unless --retry-failed is given.

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
  dirbench run --suite methods-table --dataset prices
  dirbench run --suite my-suite.yaml --backend xla:cuda --timeout 12h --out results
  dirbench run --suite paper --shard 0/8`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSuite(cmd.Context(), *o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addDataRootFlag(cmd, &o.plan.Data)
	addSuiteFlag(cmd, &o.suite)
	addFileFlags(cmd, &o.plan.Load)
	flags := cmd.Flags()
	flags.StringVar(&o.dataset, "dataset", "",
		"dataset in place of that of a suite which names one, such as methods-table")
	flags.BoolVar(&o.dryRun, "dry-run", false,
		"list the runs with hash, epochs, steps, what varies in a sweep and what they lack; write nothing")
	flags.BoolVar(&o.json, "json", false, "print the tables, or with --dry-run the list, as JSON")
	flags.StringSliceVar(&o.plan.Only, "only", nil, "globs over BENCHMARK/METHOD/seed=N or its first parts (agedb-dir, "+
		"'*/lds'); runs they need as a first stage come along")
	flags.Int64SliceVar(&o.plan.Seeds, "seeds", nil, "seeds in place of the suite's, as `LIST` such as 0,1,2")
	flags.StringVar(&o.shard, "shard", "", "I/N, I from 0: only the Ith of N parts of the suite; runs that share a "+
		"first stage stay together")
	flags.StringVar(&o.plan.Out, "out", defaultOut, "root of the run store")
	o.how.register(flags)
	return cmd
}

func runSuite(ctx context.Context, o runOptions, stdout, stderr io.Writer) error {
	o.plan.Preview = o.dryRun
	runs, err := loadPlan(o, stderr)
	if err != nil {
		return err
	}
	if o.dryRun {
		noteMissing(stderr, runs)
		return printPlan(stdout, runs, o.json)
	}
	if len(runs) == 0 {
		fmt.Fprintf(stderr, "no runs in shard %s\n", o.shard)
		return nil
	}
	processes, jobs, err := o.how.processes(ctx, len(runs))
	if err != nil {
		return err
	}
	if err := plan.CheckPrecision(runs, processes.Backend); err != nil {
		return err
	}
	if err := checkStore(o.plan.Out); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s, %d at a time, on backend %s\n", count(len(runs), "run"), jobs, processes.Backend)
	scheduler := execute.Scheduler{Launcher: processes, Observer: newRunProgress(stderr, runs), Jobs: jobs,
		RetryFailed: o.how.retryFailed}
	outcomes, err := scheduler.Execute(ctx, runs)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: checkpoints and finished runs are kept; the same command goes on from here", errInterrupted)
	}
	if err != nil {
		return err
	}
	if store.ForeignModule() != "" {
		noteOtherBuilds(stderr, outcomes, store.Program())
	}
	return printOutcomes(stdout, outcomes, o.json)
}

// noteOtherBuilds warns the author of a method, whose code is not in the hash of a run, of runs from before an edit.
func noteOtherBuilds(stderr io.Writer, outcomes []execute.Outcome, program string) {
	earlier := 0
	for _, o := range outcomes {
		if run, err := store.Load(o.Run.Dir); err == nil && o.Skipped && run.Manifest.Program != program {
			earlier++
		}
	}
	if earlier > 0 {
		fmt.Fprintf(stderr, "note: %s done before by another build of this program; if a method computes otherwise since, "+
			"train anew: --out NEW\n", count(earlier, "run"))
	}
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

// openBackend opens a backend by its name.
func openBackend(name string) (compute.Backend, error) {
	opened, _, err := backend.Open(name)
	return opened, err
}

// printOutcomes prints the report of the plan.
func printOutcomes(stdout io.Writer, outcomes []execute.Outcome, asJSON bool) error {
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

// executeOptions are the flags that say how runs are executed, which changes none of their numbers.
type executeOptions struct {
	backend     string
	jobs        int
	devices     []string
	timeout     time.Duration
	memory      string
	checkpoints time.Duration
	retryFailed bool
}

func (o *executeOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.backend, "backend", "auto", backend.Forms+": $GOMLX_BACKEND, else the best one installed")
	flags.IntVar(&o.jobs, "jobs", 0, "runs at the same time, which divide the CPU's cores (default: one for each GPU; "+
		"on backend go one for each core that has memory)")
	flags.StringSliceVar(&o.devices, "devices", nil,
		"GPUs to use, as in CUDA_VISIBLE_DEVICES, one for each job in turn (default: all)")
	flags.DurationVar(&o.timeout, "timeout", 0, "time for one run, such as 12h; one that takes longer saves a "+
		"checkpoint and is stopped, or killed if it does not answer")
	flags.StringVar(&o.memory, "memory-limit", "", "memory for one run, such as 8GiB; one that takes more is killed")
	flags.DurationVar(&o.checkpoints, "checkpoint-every", execute.DefaultCheckpointEvery,
		"training time between checkpoints; what a killed run loses at most")
	flags.BoolVar(&o.retryFailed, "retry-failed", false, "also execute runs again that failed for good")
}

// timeoutGrace is the time in which a run that is over its limit must have saved its checkpoint. Tests shorten it.
var timeoutGrace = 30 * time.Second

// processes returns what executes the runs, and how many at a time.
func (o *executeOptions) processes(ctx context.Context, runs int) (p *execute.Processes, jobs int, err error) {
	if p, err = o.limits(); err != nil {
		return nil, 0, err
	}
	opened, err := p.Probe(ctx)
	if err != nil {
		return nil, 0, err
	}
	p.Backend = opened.Name // what auto stands for, the same for every run
	if p.Devices = o.devices; len(o.devices) == 0 && opened.GPU() {
		p.Devices = execute.GPUs()
	}
	if jobs = o.jobs; jobs == 0 {
		jobs = execute.DefaultJobs(opened, p.Devices)
	}
	jobs = min(jobs, runs)
	p.Threads = max(1, runtime.GOMAXPROCS(0)/jobs)
	if jobs > 1 && opened.Name != "go" && !opened.GPU() {
		p.Processors = execute.DivideCores(jobs) // else threads of one run wait for those of another
	}
	return p, jobs, nil
}

// leastMemory is less than any worker needs, in bytes; it finds forgotten units.
const leastMemory = 64 << 20

// limits checks the flags.
func (o *executeOptions) limits() (*execute.Processes, error) {
	p := &execute.Processes{Backend: o.backend, CheckpointEvery: o.checkpoints, Timeout: o.timeout, Grace: timeoutGrace}
	if o.jobs < 0 || o.timeout < 0 || o.checkpoints < 0 {
		return nil, usagef("--jobs, --timeout and --checkpoint-every: expected no negative values")
	}
	if o.memory != "" {
		var err error
		if p.MemoryLimit, err = humanize.ParseBytes(o.memory); err != nil || p.MemoryLimit < leastMemory {
			return nil, usagef("--memory-limit %q: expected a size of at least 64MiB, such as 8GiB", o.memory)
		}
	}
	if err := backend.CheckName(o.backend); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	p.Command = []string{program, "worker"}
	return p, err
}

// planReport returns the tables of the wanted runs of a plan and no others, so that runs of an earlier configuration in
// the same store do not mix in. First stages that are there for another run appear only if they are not done.
func planReport(outcomes []execute.Outcome) (reports.Report, error) {
	var wanted, stages []store.Run // the latter are in no table
	var damaged []store.DamagedRun
	for _, o := range outcomes {
		if o.Unreadable {
			damaged = append(damaged, store.DamagedRun{Dir: o.Run.Dir, Err: errors.New(o.Status.Message)})
			continue
		}
		run, err := store.Load(o.Run.Dir)
		if !o.Skipped && (run.Status.State != o.Status.State || run.Status.Class != o.Status.Class) {
			run.Status = o.Status // it could not be written, as on a full disk
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && run.Manifest.Hash == "":
			stages = append(stages, unwritten(o)) // it failed before it could write anything
		case err != nil:
			damaged = append(damaged, store.DamagedRun{Dir: o.Run.Dir, Manifest: run.Manifest, Err: err})
		case o.Run.Wanted:
			wanted = append(wanted, run)
		default:
			stages = append(stages, run)
		}
	}
	report, err := reports.New(wanted, damaged, reports.Options{Baseline: defaultBaseline})
	report.NotDone = append(reports.ListNotDone(stages, nil), report.NotDone...)
	return report, err
}

// unwritten returns what is known of a run without a folder.
func unwritten(o execute.Outcome) store.Run {
	c := o.Run.Config
	return store.Run{Dir: o.Run.Dir, Status: o.Status, Manifest: store.Manifest{
		Hash: o.Run.Hash, Benchmark: c.Benchmark, Method: c.Method, Seed: c.Seed,
		Dataset: store.DatasetOf(o.Run.Dataset.Meta)}}
}

// workerFaults, where a test sets it, makes workers misbehave.
var workerFaults func(*plan.Run, train.Listener) train.Listener

// newWorkerCmd is the command that dirbench run starts to execute runs.
func newWorkerCmd() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "Execute runs for dirbench run",
		Hidden: true,
		Args:   arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return execute.Work(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), workerFaults)
		},
	}
}
