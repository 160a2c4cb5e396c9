package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/dirbench/dirbench/runner/backend"
	"github.com/dirbench/dirbench/runner/execute"
)

// Backend is what a probe of a compute backend found.
type Backend struct {
	Name        string  `json:"name"`                  // "xla:cuda"
	Description string  `json:"description,omitempty"` // the backend's own words about its device
	OpenSeconds float64 `json:"open_seconds,omitempty"`
	GFLOPS      float64 `json:"gflops,omitempty"` // of a float32 matrix product, 1e9 operations a second
	Error       string  `json:"error,omitempty"`  // why it cannot be used, one line; empty: it works
}

// BackendNames are the backends that a probe tries: those that need no path, and what GOMLX_BACKEND names.
func BackendNames() []string {
	names := slices.Clone(backend.Names)
	if configured := os.Getenv("GOMLX_BACKEND"); configured != "" && !slices.Contains(names, configured) {
		names = append(names, configured)
	}
	return names
}

// ProbeInChild runs a command that prints the JSON of [Probe] for a backend, so that a plugin that crashes or hangs
// takes nothing else down.
func ProbeInChild(ctx context.Context, name string, timeout time.Duration, command ...string) Backend {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var stdout, stderr strings.Builder
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Stdout, child.Stderr, child.WaitDelay = &stdout, &stderr, time.Second
	err := child.Run()
	found := Backend{Name: name}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		found.Error = fmt.Sprintf("no answer within %s", timeout)
	case err != nil:
		found.Error = fmt.Sprintf("crashed (%v): %s", err, execute.LastWords(stderr.String()))
	default:
		if err := json.Unmarshal([]byte(stdout.String()), &found); err != nil {
			found.Error = fmt.Sprintf("unreadable answer: %v", err)
		}
	}
	return found
}

// Backends turns probes into findings. One backend has to work; a GPU without xla:cuda is worth a warning.
func Backends(probes []Backend, gpus int) []Finding {
	var findings []Finding
	working := 0
	for _, b := range probes {
		topic := "backend " + b.Name
		if b.Error == "" {
			working++
			findings = append(findings, ok(topic, "%s; opened in %.1f s, matrix product correct, %.3g GFLOP/s",
				strings.TrimSpace(b.Description), b.OpenSeconds, b.GFLOPS))
			continue
		}
		level, do := absence(b, gpus)
		findings = append(findings, bad(level, topic, do, "%s", b.Error))
	}
	if working == 0 {
		findings = append(findings, bad(Problem, "backends", "build dirbench again; the backend go needs nothing",
			"none works"))
	}
	return findings
}

// absence grades a backend that does not work.
func absence(b Backend, gpus int) (level Level, do string) {
	switch {
	case b.Name == "go":
		return Problem, "build dirbench again and report this"
	case b.Name == os.Getenv("GOMLX_BACKEND"):
		return Warning, "mend it or unset GOMLX_BACKEND, which --backend auto follows"
	case b.Name == "xla:cuda" && gpus > 0:
		return Warning, "dirbench backend install cuda lets XLA use the GPU"
	case strings.HasPrefix(b.Error, "crashed") || strings.HasPrefix(b.Error, "no answer") || strings.Contains(b.Error,
		wrongProduct):
		return Warning, "do not use this backend here"
	}
	return Absent, ""
}
