package execute

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/plan"
	"github.com/dirbench/dirbench/runner/store"
	"github.com/dirbench/dirbench/runner/train"
)

// Processes executes runs in worker processes, each run alone in one, so that whatever happens to it happens to one
// run. A worker that has done a short run and is small takes another one of its slot: short runs share the start of a
// process and what it has loaded.
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

	mutex sync.Mutex
	idle  map[int]*workerProcess // that wait for another run, by slot
}

// memoryInterval is the time between two looks at a worker's memory.
const memoryInterval = 200 * time.Millisecond

// A worker takes another run if the last one took shortRun at most and left less than smallWorker bytes resident, or
// half of MemoryLimit.
const (
	shortRun    = time.Minute
	smallWorker = 512 << 20
)

// Launch executes a run as [Executor.Launch] does; slot is the number, from 0, of the place that it takes among those
// that run at the same time. When ctx ends the worker is told to stop.
func (p *Processes) Launch(ctx context.Context, run *plan.Run, slot int, dead store.Seen, observer train.Listener) (
	Outcome, error) {
	order := order{Run: run, Backend: p.Backend, CheckpointEvery: p.CheckpointEvery, Timeout: p.Timeout, Dead: dead,
		Argv: os.Args}
	w := p.takeIdle(slot)
	if w != nil {
		w.begin(run, observer)
		p.execute(ctx, w, slot, order)
	}
	if w == nil || w.diedIdle() && ctx.Err() == nil {
		var err error
		if w, err = p.newWorker(slot); err != nil {
			return Outcome{}, err
		}
		w.begin(run, observer)
		p.execute(ctx, w, slot, order)
	}
	return w.outcome(p.Backend)
}

// execute gives the worker an order and returns when it is over. The worker is then idle or has ended.
func (p *Processes) execute(ctx context.Context, w *workerProcess, slot int, order order) {
	began := time.Now()
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() { defer close(watched); p.watch(ctx, w, ended) }()
	_ = json.NewEncoder(w.input).Encode(order) // a worker that cannot read it has died, which shows below
	w.listen()
	another := p.takesAnother(w, time.Since(began))
	if !another {
		w.end()
	}
	close(ended)
	<-watched
	switch {
	case another && w.killed == nil && ctx.Err() == nil:
		p.putIdle(slot, w)
	case another:
		w.end()
	}
}

// takesAnother reports whether a worker that has executed a run for some time may execute another one. Those of XLA do
// not, for they would keep a device's memory.
func (p *Processes) takesAnother(w *workerProcess, took time.Duration) bool {
	done := w.last != nil && w.last.End != nil && w.last.End.Status.State == store.Done
	if !done || took > shortRun || !strings.HasPrefix(p.Backend, "go") {
		return false
	}
	small := uint64(smallWorker)
	if p.MemoryLimit > 0 {
		small = min(small, p.MemoryLimit/2)
	}
	return residentMemory(w.command.Process.Pid) < small
}

func (p *Processes) takeIdle(slot int) *workerProcess {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	w := p.idle[slot]
	delete(p.idle, slot)
	return w
}

func (p *Processes) putIdle(slot int, w *workerProcess) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.idle == nil {
		p.idle = map[int]*workerProcess{}
	}
	p.idle[slot] = w
}

// Close ends the workers that wait for another run.
func (p *Processes) Close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, w := range p.idle {
		w.end()
	}
	p.idle = nil
}

// newWorker starts a worker of a slot.
func (p *Processes) newWorker(slot int) (*workerProcess, error) {
	w := &workerProcess{command: p.command(slot)}
	w.command.Stderr = &w.log
	var err error
	if w.input, err = w.command.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := w.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.output = bufio.NewReader(output)
	return w, p.start(w.command, slot)
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

// workerProcess is a worker, which executes a run or waits for one.
type workerProcess struct {
	command *exec.Cmd
	input   io.WriteCloser // open, it tells the worker that its launcher lives
	output  *bufio.Reader
	log     tail

	// Of the run.
	run      *plan.Run
	observer train.Listener
	heard    bool          // that it works on the run
	last     *message      // that says how it ended
	killed   *store.Status // why we killed it
}

// begin turns to a run.
func (w *workerProcess) begin(run *plan.Run, observer train.Listener) {
	w.run, w.observer, w.heard, w.last, w.killed = run, observer, false, nil, nil
	w.log.reset()
}

// end lets the worker end, and waits for that. How it ended is in the process state.
func (w *workerProcess) end() {
	w.input.Close()
	_, _ = io.Copy(io.Discard, w.output)
	_ = w.command.Wait()
}

// diedIdle reports whether the worker had died before it could begin with its run.
func (w *workerProcess) diedIdle() bool { return !w.heard && w.killed == nil }

// listen passes on what the worker reports until the end of the run, or of the output. Other lines are a library's.
func (w *workerProcess) listen() {
	for w.last == nil {
		line, err := w.output.ReadBytes('\n')
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
	w.heard = true
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
