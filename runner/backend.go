package runner

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // backend "go"
)

// OpenBackend opens a compute backend: "go" (pure Go), "xla:cpu", "xla:cuda" or "xla:PATH" with the path of a PJRT plugin,
// or "auto": what GOMLX_BACKEND names, else the best PJRT plugin that is installed, else "go". Nothing is downloaded.
// A name that is none of these is a SelectionError.
func OpenBackend(name string) (compute.Backend, error) {
	candidates := []string{name}
	if name == "auto" {
		candidates = automatic()
	}
	var err error
	for _, candidate := range candidates {
		if strings.HasPrefix(candidate, "xla") && !haveXLA {
			err = fmt.Errorf("backend %q: this program was built without cgo, so it has only the backend go", candidate)
			continue
		}
		if kind, _, _ := strings.Cut(candidate, ":"); !slices.Contains(compute.List(), kind) {
			return nil, SelectionError{fmt.Errorf("backend %q: expected go, xla:cpu, xla:cuda, xla:PLUGIN.so or auto", candidate)}
		}
		backend, openErr := compute.NewWithConfig(configOf(candidate))
		if openErr == nil {
			return backend, nil
		}
		err = fmt.Errorf("backend %q: %s", candidate, firstLine(openErr))
	}
	return nil, err
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
