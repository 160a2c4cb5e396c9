// Package backend opens compute backends by name, sets XLA's flags, and finds, installs and removes XLA's PJRT plugins.
package backend

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/installer"

	_ "github.com/dirbench/dirbench/runner/backend/cpu" // backend "go"
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

// Names are the backends that need no path.
var Names = []string{"go", "xla:cpu", "xla:cuda"}

// Forms says what names a backend.
var Forms = strings.Join(Names, ", ") + ", xla:PLUGIN.so or auto"

// NameError is a name that no backend has.
type NameError struct{ error }

// ErrNotInstalled begins the error about a backend whose PJRT plugin is not there.
var ErrNotInstalled = errors.New("no such PJRT plugin is installed")

// Open opens a compute backend: "go" (pure Go), "xla:cpu", "xla:cuda" or "xla:PATH" with the path of a PJRT plugin, or
// "auto": what GOMLX_BACKEND names, else the best one that is installed. It also returns the name that "auto" stands
// for. Nothing is downloaded. A name that is none of these is a [NameError].
func Open(name string) (backend compute.Backend, opened string, err error) {
	candidates := []string{name}
	if name == "auto" {
		candidates = automatic()
	}
	for _, candidate := range candidates {
		if backend, err = open(candidate); err == nil {
			return backend, candidate, nil
		}
		if errors.As(err, &NameError{}) {
			break
		}
	}
	return nil, "", err
}

func open(name string) (compute.Backend, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	opened := openGo
	if strings.HasPrefix(name, "xla") {
		opened = openXLA
	}
	backend, err := opened(name)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("backend %q: %w", name, &oneLine{first, err})
	}
	return backend, nil
}

// oneLine is an error of which the first line is said.
type oneLine struct {
	text string
	error
}

func (e *oneLine) Error() string { return e.text }
func (e *oneLine) Unwrap() error { return e.error }

// CheckName finds names that no backend of this program has, without opening one.
func CheckName(name string) error {
	if name == "auto" {
		return nil
	}
	if strings.HasPrefix(name, "xla") && !HaveXLA {
		return fmt.Errorf("backend %q: %w", name, ErrNoCgo)
	}
	if kind, _, _ := strings.Cut(name, ":"); !slices.Contains(compute.List(), kind) {
		return NameError{fmt.Errorf("backend %q: expected %s", name, Forms)}
	}
	return nil
}

// ErrNoCgo says why this program cannot use XLA.
var ErrNoCgo = errors.New("this program was built without cgo, so it has only the backend go")

// openGo opens the pure Go backend. That of compute v0.1.6 can deadlock when it executes several large matrix products
// of a graph at once; one operation at a time, each on all cores, is as fast.
func openGo(name string) (compute.Backend, error) {
	if name == "go" {
		name = "go:ops_sequential"
	}
	return compute.NewWithConfig(name)
}

// automatic returns the backends that "auto" tries, the best first.
func automatic() []string {
	if configured := os.Getenv("GOMLX_BACKEND"); configured != "" {
		return []string{configured}
	}
	if HasGPU() {
		return []string{"xla:cuda", "xla:cpu", "go"}
	}
	return []string{"xla:cpu", "go"}
}

// HasGPU reports whether there seems to be an NVIDIA GPU.
func HasGPU() bool { return installer.HasNvidiaGPU() }

// Auto returns the backend that "auto" takes, unless that does not open.
func Auto() string {
	list := automatic()
	for _, name := range list {
		if !strings.HasPrefix(name, "xla:") || HaveXLA && Find(strings.TrimPrefix(name, "xla:")) != "" {
			return name
		}
	}
	return list[len(list)-1]
}
