package execute

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/dirbench/dirbench/runner/backend"
)

// Probe opens the backend in a worker process, which leaves no device memory taken in this one, and says which it is.
func (p *Processes) Probe(ctx context.Context) (backend.Opened, error) {
	input, err := json.Marshal(order{Probe: true, Backend: p.Backend})
	if err != nil {
		return backend.Opened{}, err
	}
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	cmd.Stdin = bytes.NewReader(input)
	output, err := cmd.Output()
	if ctx.Err() != nil {
		return backend.Opened{}, ctx.Err()
	}
	for line := range bytes.Lines(output) {
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue
		}
		if m.Opened != nil {
			return *m.Opened, nil
		}
		if m.Error != "" {
			return backend.Opened{}, errors.New(m.Error)
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(strings.TrimSuffix(exit.String()+": "+LastWords(string(exit.Stderr)), ": "))
	}
	return backend.Opened{}, fmt.Errorf("backend %q: the worker process that opened it ended without an answer: %w",
		p.Backend, err)
}

// GPUs returns the NVIDIA GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them.
func GPUs() []string {
	if visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES"); set {
		return strings.FieldsFunc(visible, func(r rune) bool { return r == ',' })
	}
	output, err := exec.Command("nvidia-smi", "--query-gpu=index", "--format=csv,noheader").Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(output))
}

// memoryOfWorker is what a worker on the CPU is expected to need at most, in bytes.
const memoryOfWorker = 4 << 30

// DefaultJobs returns how many runs go at the same time: one for each GPU; on the pure Go backend, where runs on one
// core each together are faster than one run on all cores, one for each core that there is memory for; else one, which
// uses all cores.
func DefaultJobs(opened backend.Opened, gpus []string) int {
	if opened.GPU() {
		return max(1, len(gpus))
	}
	if opened.Name != "go" {
		return 1
	}
	return max(1, min(runtime.GOMAXPROCS(0), int(usableMemory()/memoryOfWorker)))
}

// usableMemory is what the machine has to spare and the control group allows, in bytes.
func usableMemory() uint64 {
	usable := uint64(math.MaxInt64)
	if memory, err := mem.VirtualMemory(); err == nil {
		usable = memory.Available
	}
	if limit, err := memlimit.FromCgroup(); err == nil {
		usable = min(usable, limit)
	}
	return usable
}
