package main

import (
	"context"
	"os"
	"runtime"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"github.com/dirbench/dirbench/runner"
)

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
	flags.StringVar(&o.backend, "backend", "auto", "go, xla:cpu, xla:cuda, xla:PLUGIN.so, or auto: $GOMLX_BACKEND, else the best one installed")
	flags.IntVar(&o.jobs, "jobs", 0, "runs at the same time, which share the CPU's threads (default: one for each GPU; on backend go one for each core that has memory)")
	flags.StringSliceVar(&o.devices, "devices", nil, "GPUs to use, as in CUDA_VISIBLE_DEVICES, one for each job in turn (default: all)")
	flags.DurationVar(&o.timeout, "timeout", 0, "time for one run, such as 12h; one that takes longer saves a checkpoint and is stopped, or killed if it does not answer")
	flags.StringVar(&o.memory, "memory-limit", "", "memory for one run, such as 8GiB; one that takes more is killed")
	flags.DurationVar(&o.checkpoints, "checkpoint-every", runner.DefaultCheckpointEvery, "training time between checkpoints; what a killed run loses at most")
	flags.BoolVar(&o.retryFailed, "retry-failed", false, "also execute runs again that failed for good")
}

// timeoutGrace is the time in which a run that is over its limit must have saved its checkpoint. Tests shorten it.
var timeoutGrace = 30 * time.Second

// processes returns what executes the runs, and how many at a time.
func (o *executeOptions) processes(ctx context.Context, runs int) (p *runner.Processes, jobs int, err error) {
	if p, err = o.limits(); err != nil {
		return nil, 0, err
	}
	opened, err := p.Probe(ctx)
	if err != nil {
		return nil, 0, err
	}
	p.Backend = opened.Name // what auto stands for, the same for every run
	if p.Devices = o.devices; len(o.devices) == 0 && opened.GPU() {
		p.Devices = runner.GPUs()
	}
	if jobs = o.jobs; jobs == 0 {
		jobs = runner.DefaultJobs(opened, p.Devices)
	}
	jobs = min(jobs, runs)
	p.Threads = max(1, runtime.GOMAXPROCS(0)/jobs)
	return p, jobs, nil
}

// leastMemory is less than any worker needs, in bytes; it finds forgotten units.
const leastMemory = 64 << 20

// limits checks the flags.
func (o *executeOptions) limits() (*runner.Processes, error) {
	p := &runner.Processes{Backend: o.backend, CheckpointEvery: o.checkpoints, Timeout: o.timeout, Grace: timeoutGrace}
	if o.jobs < 0 || o.timeout < 0 || o.checkpoints < 0 {
		return nil, usagef("--jobs, --timeout and --checkpoint-every: expected no negative values")
	}
	if o.memory != "" {
		var err error
		if p.MemoryLimit, err = humanize.ParseBytes(o.memory); err != nil || p.MemoryLimit < leastMemory {
			return nil, usagef("--memory-limit %q: expected a size of at least 64MiB, such as 8GiB", o.memory)
		}
	}
	if err := runner.CheckBackendName(o.backend); err != nil {
		return nil, selection(err)
	}
	program, err := os.Executable()
	p.Command = []string{program, "worker"}
	return p, err
}
