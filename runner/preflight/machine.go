package preflight

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"
)

// Machine describes processor, memory and GPUs. The number of GPUs is returned as well.
func Machine(ctx context.Context) (findings []Finding, gpus int) {
	findings = []Finding{processor(ctx), memory(ctx)}
	list, err := listGPUs(ctx)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		findings = append(findings, bad(Absent, "gpu", "", "none: there is no nvidia-smi"))
	case err != nil:
		findings = append(findings, bad(Warning, "gpu", "see to the NVIDIA driver", "nvidia-smi: %s", oneLine(err.Error())))
	case len(list) == 0:
		findings = append(findings, bad(Absent, "gpu", "", "none: nvidia-smi lists none"))
	}
	for i, gpu := range list {
		findings = append(findings, ok(fmt.Sprintf("gpu %d", i), "%s", gpu))
	}
	return findings, len(list)
}

func processor(ctx context.Context) Finding {
	model := "unknown model"
	if info, err := cpu.InfoWithContext(ctx); err == nil && len(info) > 0 && info[0].ModelName != "" {
		model = info[0].ModelName
	}
	text := fmt.Sprintf("%s, %d logical processors", model, runtime.NumCPU())
	if used := runtime.GOMAXPROCS(0); used != runtime.NumCPU() {
		text += fmt.Sprintf(", of which %d are used (GOMAXPROCS or a limit of the container)", used)
	}
	return ok("cpu", "%s", text)
}

// scarceMemory is what training on real data hardly gets by with.
const scarceMemory = 2 << 30

func memory(ctx context.Context) Finding {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return bad(Warning, "memory", "", "unknown: %v", err)
	}
	free, text := m.Available, fmt.Sprintf("%s, %s available", size(m.Total), size(m.Available))
	if limit, err := memlimit.FromCgroup(); err == nil && limit < m.Total {
		free = min(free, limit)
		text += fmt.Sprintf(", limit of the control group %s", size(limit))
	}
	if free < scarceMemory {
		return bad(Warning, "memory", "train twins and small scales only, or use a machine with more memory", "%s", text)
	}
	return ok("memory", "%s", text)
}

// gpuTimeout is how long nvidia-smi may take; without persistence mode it loads the driver first.
const gpuTimeout = 30 * time.Second

// listGPUs asks nvidia-smi for a line about each GPU.
func listGPUs(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, gpuTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, "nvidia-smi",
		"--query-gpu=name,memory.total,memory.used,driver_version", "--format=csv,noheader").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) { // its reason is on stdout
			err = fmt.Errorf("%w: %s", err, out)
		}
		return nil, err
	}
	return parseGPUs(string(out))
}

// parseGPUs reads lines such as "NVIDIA H100 80GB HBM3, 81559 MiB, 4 MiB, 575.57.08".
func parseGPUs(text string) ([]string, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.TrimLeadingSpace, reader.FieldsPerRecord = true, 4
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	var list []string
	for _, row := range rows {
		list = append(list, fmt.Sprintf("%s, %s, %s in use, driver %s", row[0], row[1], row[2], row[3]))
	}
	return list, nil
}

// oneLine joins the lines of a message.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
