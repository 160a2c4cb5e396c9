package execute

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Processes executes each run in a worker process of its own, so that whatever happens to it happens to one run.
type Processes struct {
	Command         []string // program and arguments that call [Work]
	Backend         string
	CheckpointEvery time.Duration
	Timeout         time.Duration // of an attempt; 0: none
	Grace           time.Duration // after Timeout, to save a checkpoint before the process is killed
	MemoryLimit     uint64        // bytes of resident memory; 0: none
	Devices         []string      // GPUs for CUDA_VISIBLE_DEVICES, one for each slot in turn; empty: not pinned
	Threads         int           // of the CPU, for each process
	Processors      [][]int       // logical processors, for each slot in turn; empty: not pinned
}

// memoryInterval is the time between two looks at a worker's memory.
const memoryInterval = 200 * time.Millisecond

// Launch executes a run as [Executor.Launch] does; slot is the number, from 0, of the place that it takes among those
// that run at the same time. When ctx ends the worker is told to stop.
func (p *Processes) Launch(ctx context.Context, run *plan.Run, slot int, dead store.Seen, observer train.Listener) (Outcome, error) {
	w := &workerProcess{run: run, observer: observer, command: p.command(slot)}
	w.command.Stderr = &w.log
	input, err := w.command.StdinPipe()
	if err != nil {
		return Outcome{}, err
	}
	output, err := w.command.StdoutPipe()
	if err != nil {
		return Outcome{}, err
	}
	if err := p.start(w.command, slot); err != nil {
		return Outcome{}, err
	}
	defer input.Close() // an open input tells the worker that its launcher lives
	order := order{Run: run, Backend: p.Backend, CheckpointEvery: p.CheckpointEvery, Timeout: p.Timeout, Dead: dead, Argv: os.Args}
	_ = json.NewEncoder(input).Encode(order) // a worker that cannot read it has died, which shows below

	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() { defer close(watched); p.watch(ctx, w, ended) }()
	w.listen(output)
	_ = w.command.Wait() // how it ended is in the process state
	close(ended)
	<-watched
	return w.outcome(p.Backend)
}

// start starts a worker on the processors of its slot.
func (p *Processes) start(cmd *exec.Cmd, slot int) error {
	if len(p.Processors) == 0 {
		return cmd.Start()
	}
	return startOn(cmd, p.Processors[slot%len(p.Processors)])
}

func (p *Processes) command(slot int) *exec.Cmd {
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Env = backend.Environment()
	if p.Threads > 0 {
		// XLA's CPU client takes its number of threads from NPROC.
		cmd.Env = append(cmd.Env, "GOMAXPROCS="+strconv.Itoa(p.Threads), "NPROC="+strconv.Itoa(p.Threads))
	}
	if p.MemoryLimit > 0 {
		cmd.Env = append(cmd.Env, "GOMEMLIMIT="+strconv.FormatUint(p.MemoryLimit/10*9, 10))
	}
	if len(p.Devices) > 0 {
		cmd.Env = append(cmd.Env, "CUDA_VISIBLE_DEVICES="+p.Devices[slot%len(p.Devices)])
	}
	ownGroup(cmd)
	return cmd
}

// workerProcess is a running worker.
type workerProcess struct {
	run      *plan.Run
	observer train.Listener
	command  *exec.Cmd
	log      tail
	last     *message      // that says how it ended
	killed   *store.Status // why we killed it
}

// listen passes on what the worker reports until its output ends. Other lines are a library's.
func (w *workerProcess) listen(output io.Reader) {
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadBytes('\n')
		var m message
		if json.Unmarshal(line, &m) == nil {
			w.hear(m)
		}
		if err != nil {
			return
		}
	}
}

func (w *workerProcess) hear(m message) {
	switch {
	case m.Step != nil:
		w.observer.Step(w.run, m.Step[0], m.Step[1], m.Step[2], m.Step[3])
	case m.Event != nil:
		w.observer.Epoch(w.run, *m.Event)
	case m.Note != "":
		w.observer.Note(w.run, m.Note)
	case m.Claimed != nil, m.Lost, m.End != nil:
		w.last = &m
	}
}

// watch passes an interruption on and kills a worker that does not keep to the limits.
func (p *Processes) watch(ctx context.Context, w *workerProcess, ended <-chan struct{}) {
	var deadline, memory <-chan time.Time
	if p.MemoryLimit > 0 {
		ticker := time.NewTicker(memoryInterval)
		defer ticker.Stop()
		memory = ticker.C
	}
	if p.Timeout > 0 {
		deadline = time.After(p.Timeout + p.Grace)
	}
	interrupted := ctx.Done()
	for {
		select {
		case <-ended:
			return
		case <-interrupted:
			_ = w.command.Process.Signal(os.Interrupt)
			interrupted = nil
		case <-deadline:
			w.kill(hungStatus(p.Timeout, p.Grace))
		case <-memory:
			if used := residentMemory(w.command.Process.Pid); used > p.MemoryLimit {
				w.kill(memoryStatus(used, p.MemoryLimit))
			}
		}
	}
}

func (w *workerProcess) kill(why store.Status) {
	if w.killed == nil {
		w.killed = &why
	}
	_ = w.command.Process.Kill()
}

// residentMemory returns 0 where it cannot be known.
func residentMemory(pid int) uint64 {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0
	}
	info, err := p.MemoryInfo()
	if err != nil {
		return 0
	}
	return info.RSS
}
