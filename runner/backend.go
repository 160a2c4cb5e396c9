package runner

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/dirbench/dirbench/benchmarks/models"

	_ "github.com/dirbench/dirbench/benchmarks/cpu" // backend "go"
)

// Opened says which backend a name stands for.
type Opened struct {
	Name        string `json:"name"`        // that opens it again: "xla:cuda"
	Backend     string `json:"backend"`     // its own name and version
	Description string `json:"description"` // of the device
}

// GPU reports whether the backend computes on one.
func (o Opened) GPU() bool {
	text := strings.ToLower(o.Name + " " + o.Backend + " " + o.Description)
	return strings.Contains(text, "cuda") || strings.Contains(text, "gpu")
}

// OpenBackend opens a compute backend: "go" (pure Go), "xla:cpu", "xla:cuda" or "xla:PATH" with the path of a PJRT plugin,
// or "auto": what GOMLX_BACKEND names, else the best PJRT plugin that is installed, else "go". Nothing is downloaded.
// A name that is none of these is a SelectionError.
func OpenBackend(name string) (compute.Backend, error) {
	backend, _, err := openBackend(name)
	return backend, err
}

// openBackend also returns the name that was meant.
func openBackend(name string) (backend compute.Backend, opened string, err error) {
	candidates := []string{name}
	if name == "auto" {
		candidates = automatic()
	}
	for _, candidate := range candidates {
		if err = CheckBackendName(candidate); err != nil {
			var mistake SelectionError
			if errors.As(err, &mistake) {
				return nil, "", err
			}
			continue
		}
		if strings.HasPrefix(candidate, "xla") {
			prepareXLA(candidate)
		}
		var openErr error
		if backend, openErr = compute.NewWithConfig(configOf(candidate)); openErr == nil {
			return backend, candidate, nil
		}
		err = fmt.Errorf("backend %q: %s", candidate, firstLine(openErr))
	}
	return nil, "", err
}

// CheckBackendName finds names that no backend of this program has, without opening one.
func CheckBackendName(name string) error {
	if name == "auto" {
		return nil
	}
	if strings.HasPrefix(name, "xla") && !haveXLA {
		return fmt.Errorf("backend %q: this program was built without cgo, so it has only the backend go", name)
	}
	if kind, _, _ := strings.Cut(name, ":"); !slices.Contains(compute.List(), kind) {
		return SelectionError{fmt.Errorf("backend %q: expected go, xla:cpu, xla:cuda, xla:PLUGIN.so or auto", name)}
	}
	return nil
}

// configOf adds what a backend needs to run safely. The pure Go backend of compute v0.1.6 can deadlock when it executes
// several large matrix products of a graph at once; one operation at a time, each on all cores, is as fast.
func configOf(name string) string {
	if name == "go" {
		return "go:ops_sequential"
	}
	return name
}

func automatic() []string {
	if configured := os.Getenv("GOMLX_BACKEND"); configured != "" {
		return []string{configured}
	}
	return []string{"xla:cuda", "xla:cpu", "go"}
}

// CheckPrecision finds a run that the backend of a name cannot compute: only XLA knows bfloat16. It is a SelectionError.
func CheckPrecision(plan []*Run, backend string) error {
	for _, run := range plan {
		if err := checkPrecision(run, backend); err != nil {
			return SelectionError{err}
		}
	}
	return nil
}

func checkPrecision(run *Run, backend string) error {
	if precision := run.Config.Recipe.Precision; precision == models.BFloat16 && backend == "go" {
		return fmt.Errorf("%s: precision %s needs an XLA backend, such as --backend xla:cuda; backend go computes in float32", run.Name(), precision)
	}
	return nil
}
